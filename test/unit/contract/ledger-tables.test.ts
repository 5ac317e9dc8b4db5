import { expect, it } from 'vitest'
import { ledgerTables } from '../../../contract/ledger-tables.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { MalformedHistogram } from '../../../core/encoded-histogram.ts'
import { Histogram } from '../../../core/histogram.ts'
import { account, empty, ledgerSide } from '../calibration/sides.ts'

function timesOf(...valuesMs: number[]) {
  const times = new Histogram()
  for (const valueMs of valuesMs) times.record(valueMs)
  return times.toJSON()
}

/** Returns a row as an object, so that a difference names its column. */
function rowOf(report: LedgerReport, title: string, name: string): Record<string, string> {
  const { columns, rows } = ledgerTables(report).find(each => each.title === title)!
  const row = rows.find(([first]) => first === name)!
  return Object.fromEntries(columns.map((column, at) => [column, row[at]!]))
}

it('shows an operation with its statuses, percentiles and bytes', () => {
  const products = account('products.list', {
    arrivals: 1203,
    statuses: { 200: 1200, 503: 2 },
    aborted: 1,
    bytesOut: 1_234_567,
    lastByte: timesOf(...Array.from({ length: 100 }, (_, index) => index + 1)),
  })
  expect(rowOf({ ...ledgerSide(), operations: [products] }, 'Requests', 'products.list')).toEqual({
    operation: 'products.list',
    arrivals: '1,203',
    answers: '200 × 1,200, 503 × 2',
    aborted: '1',
    cut: '0',
    p50: expect.stringMatching(/^5\d\.\d ms$/) as string,
    p95: expect.stringMatching(/^9\d\.\d ms$/) as string,
    p99: expect.stringMatching(/^9\d\.\d ms$/) as string,
    max: '100 ms',
    'bytes in': '0',
    'bytes out': '1,234,567',
  })
})

it('shows a dash for the times of an operation without any', () => {
  const quotes = account('sockets.quotes', { arrivals: 1, statuses: { 101: 1 } })
  expect(rowOf({ ...ledgerSide(), operations: [quotes] }, 'Requests', 'sockets.quotes')).toMatchObject({
    p50: '–',
    max: '–',
  })
})

it('shows streams, WebSockets, faults and unserved paths', () => {
  const report: LedgerReport = {
    ...ledgerSide(),
    sockets: {
      refused: 0,
      open: 0,
      endpoints: [
        {
          operation: 'sockets.quotes',
          opened: 3,
          closed: { client: 2, shutdown: 1 },
          received: 5,
          refusals: {},
          delivered: 70,
          dropped: { drop_oldest: 4, injected: 1 },
          unsent: 6,
          pings: 0,
          missedPongs: 0,
          lifetime: empty,
        },
      ],
    },
    faults: {
      rules: [{ id: 'slow', type: 'delay', matched: 60, injected: 34, expected: 30 }],
      stations: [],
      notKept: 0,
      stalled: 0,
    },
    unmatched: [{ method: 'GET', path: '/nope', count: 20 }],
  }
  expect({
    socket: rowOf(report, 'WebSockets', 'sockets.quotes'),
    fault: rowOf(report, 'Faults', 'slow'),
    path: rowOf(report, 'Paths that nothing serves', 'GET /nope'),
  }).toEqual({
    socket: {
      endpoint: 'sockets.quotes',
      opened: '3',
      closed: '3',
      received: '5',
      delivered: '70',
      dropped: '5',
      unsent: '6',
    },
    fault: { rule: 'slow', matched: '60', injected: '34' },
    path: { request: 'GET /nope', count: '20' },
  })
})

it('lists only the totals that are not zero', () => {
  const report = { ...ledgerSide(), late: 12, unmatchedNotKept: 3 }
  const { rows } = ledgerTables(report).find(({ title }) => title === 'Totals')!
  expect(Object.fromEntries(rows)).toMatchObject({
    'served while the target was late': '12',
    'requests for further unserved paths': '3',
  })
  expect(rows.map(([, count]) => count)).not.toContain('0')
})

it('leaves out tables without rows', () => {
  const { streams, sockets, faults } = ledgerSide()
  const report: LedgerReport = {
    ...ledgerSide(),
    operations: [],
    unmatched: [],
    streams: { ...streams, deliveries: [] },
    sockets: { ...sockets, endpoints: [] },
    faults: { ...faults, rules: [] },
  }
  expect(ledgerTables(report).map(({ title }) => title)).toEqual(['Totals'])
})

it('refuses times that no target wrote', () => {
  const broken = account('products.list', { lastByte: 'nonsense' as never })
  expect(() => ledgerTables({ ...ledgerSide(), operations: [broken] })).toThrow(MalformedHistogram)
})

it('shows the slowest requests with their traces, as far as they have one', () => {
  const slow = {
    operation: 'products.list',
    status: 200,
    outcome: 'completed',
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    firstByteMs: 1500,
    lastByteMs: 1501,
    method: 'GET',
    url: '/products?page=2',
  } as const
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const report = {
    ...ledgerSide(),
    slowest: [
      { ...slow, trace },
      { ...slow, url: '/products' },
    ],
  }
  expect(rowOf(report, 'Slowest requests', 'GET /products?page=2')).toEqual({
    request: 'GET /products?page=2',
    at: '03:04:05.678',
    status: '200',
    'first byte': '1,500 ms',
    'last byte': '1,501 ms',
    trace,
  })
  expect(rowOf(report, 'Slowest requests', 'GET /products')['trace']).toBe('–')
})
