import { describe, expect, it } from 'vitest'
import { hey } from '../../../../../calibration/audit/tools/hey.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('hey', () => {
  it('is read from the summary that it prints', () => {
    const { durationMs, total, ...report } = hey.read([toolSample('hey-0.1.5/summary.txt')])
    expect(report).toEqual({
      tool: 'hey',
      sources: ['summary.txt'],
      rows: [],
      remarks: ['times are rounded to 0.1 ms'],
    })
    expect(durationMs).toBeCloseTo(2016.3)
    const { latency, ...counts } = total
    expect(counts).toEqual({
      name: '',
      requests: 477,
      failures: 0,
      statuses: { 200: 426, 503: 51 },
      requestsPerSecond: 236.577,
      receivedBytes: 3012324,
    })
    expect(latency).toEqual({
      meanMs: expect.closeTo(33.7),
      minMs: expect.closeTo(30.4),
      maxMs: expect.closeTo(85.1),
      percentiles: [
        [10, 31],
        [25, 31.3],
        [50, 32.1],
        [75, 33],
        [90, 36],
        [95, 44.2],
        [99, 68.2],
      ].map(([percentile, valueMs]) => ({ percentile, valueMs: expect.closeTo(valueMs!) })),
    })
  })

  it.each(['0.1.5/summary.txt', '0.1.5/responses.csv', '0.1.4/summary.txt', '0.1.4/responses.csv'])(
    'counts what the ledger has: requests and statuses of %s',
    file => {
      const { requests, statuses } = hey.read([toolSample(`hey-${file}`)]).total
      const ledger = ledgerOfSample(`hey-${file}`)
      expect({ requests, statuses }).toEqual({ requests: ledger.arrivals, statuses: ledger.statuses })
    },
  )

  it('counts the bytes of bodies', () => {
    const { receivedBytes } = hey.read([toolSample('hey-0.1.5/summary.txt')]).total
    expect(receivedBytes).toBe(ledgerOfSample('hey-0.1.5/summary.txt').bytesOut)
  })

  it('has percentiles of its CSV computed from the lines', () => {
    const { total, remarks } = hey.read([toolSample('hey-0.1.5/responses.csv')])
    expect(total.latency?.percentiles.map(({ percentile }) => percentile)).toEqual([50, 75, 90, 95, 99, 99.9])
    expect(remarks).toContain('percentiles are computed from its lines')
  })

  it('counts requests without a response as failures', () => {
    expect(hey.read([toolSample('hey-0.1.5/refused.txt')]).total).toMatchObject({
      requests: 16,
      failures: 16,
      errors: { 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused': 16 },
    })
  })

  it('is read as version 0.1.4 prints it, with one percent sign', () => {
    const { latency } = hey.read([toolSample('hey-0.1.4/summary.txt')]).total
    expect(latency?.percentiles.map(({ percentile }) => percentile)).toEqual([10, 25, 50, 75, 90, 95, 99])
  })

  it('leaves out percentiles that it does not have', () => {
    const text = toolSample('hey-0.1.5/summary.txt').bytes.toString().replace('99%% in 0.0682', '0%% in 0.0000')
    expect(hey.read([sourceOfText(text)]).total.latency?.percentiles.at(-1)?.percentile).toBe(95)
  })

  it('is refused when statuses are missing', () => {
    const text = toolSample('hey-0.1.5/summary.txt')
      .bytes.toString()
      .replace(/.*\[503\].*\n/, '')
    expect(refusalOf(hey, sourceOfText(text))).toMatch(
      /its statuses and errors are 426 requests, and its rate means 477/,
    )
  })

  it('is refused with a line of its CSV cut off', () => {
    const { bytes } = toolSample('hey-0.1.5/responses.csv')
    expect(refusalOf(hey, { name: 'hey.csv', bytes: bytes.subarray(0, bytes.length - 20) })).toMatch(
      /^hey.csv: line 49: expected 8 values .* The file is cut off/,
    )
  })

  it('is refused with other columns', () => {
    const text = toolSample('hey-0.1.5/responses.csv').bytes.toString().replace('status-code,offset', 'status')
    expect(refusalOf(hey, sourceOfText(text))).toMatch(/^report: expected the columns .* another version of hey/)
  })

  it('is left alone, and says what load was asked for, with a rate for each worker', () => {
    const args = ['-z', '10s', '-c', '20', '-q', '5', '-n', '100', '-cpus', '2', 'http://x/']
    expect(hey.prepare({ program: 'hey', args }, target, '/tmp')).toEqual({
      args,
      env: {},
      added: [],
      files: [],
      readsStdout: true,
      requested: { users: 20, durationMs: 10_000, ratePerSecond: 100 },
    })
  })
})
