import { describe, expect, it } from 'vitest'
import { reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerReport, OperationAccount } from '../../../contract/ledger.ts'
import type { MetricName, Tags } from '../../../contract/metrics.ts'
import type { RunResult, Totals } from '../../../contract/run-result.ts'
import { Histogram } from '../../../core/histogram.ts'

const empty = new Histogram().toJSON()

const counter = (metric: MetricName, tags: Tags, total: number): RunResult['series'][number] => ({
  metric,
  tags,
  value: { kind: 'counter', total },
})

/** What a harness saw of 10 publishes (one a duplicate), and of one consumer that received 7 events. */
function harnessSide() {
  const publish = { operation: 'events.publish', name: '/v1/events/publish', method: 'POST', status: '202' }
  const stream = { operation: 'streams.read', name: '/v1/streams/{stream}', method: 'GET', status: '200' }
  return {
    series: [
      counter('http_reqs', { ...publish, task: 'a' }, 6),
      counter('http_reqs', { ...publish, task: 'b' }, 4),
      counter('http_reqs', stream, 1),
      counter('data_sent', publish, 5000),
      counter('data_received', publish, 900),
      counter('data_received', stream, 1400),
    ],
    consumers: [{ key: 'run/consumer-0/0', received: 7 }],
    totals: {
      events: { published: 10, accepted: 9, duplicate: 1, rejected: 0, delivered: 7 },
      streams: { opened: 1, closed: { client: 1 } },
      tokens: { issued: 2, refreshed: 0 },
      rateLimited: 3,
      jobs: { submitted: 4, completed: 3, failed: 1 },
    } as unknown as Totals,
  }
}

function account(operation: OperationAccount['operation'], counts: Partial<OperationAccount>): OperationAccount {
  const zero = {
    arrivals: 0,
    aborted: 0,
    statuses: {},
    bytesIn: 0,
    bytesOut: 0,
    arrivalGap: empty,
    firstByte: empty,
    lastByte: empty,
  }
  return { operation, method: 'POST', path: '/', ...zero, ...counts }
}

function ledgerSide(): LedgerReport {
  return {
    format: 'loadcell.ledger/1',
    run: 'run',
    boot: 'boot',
    open: { requests: 0, streams: 0 },
    operations: [
      account('events.publish', { arrivals: 10, statuses: { 202: 10 }, bytesIn: 5000, bytesOut: 900 }),
      account('streams.read', { arrivals: 1, statuses: { 200: 1 }, bytesIn: 0, bytesOut: 1400 }),
    ],
    streams: { opened: 1, refused: 0, closed: { client: 1 }, resumed: 0, reset: 0, lifetime: empty },
    consumers: [{ key: 'run/consumer-0/0', streams: ['orders'], connections: 1, delivered: 7, dropped: 0, unsent: 0 }],
    consumersNotKept: 0,
    events: {
      received: 10,
      accepted: 9,
      duplicate: 1,
      rejected: 0,
      delivered: 7,
      dropped: {},
      unsent: 0,
      byStream: { orders: 9 },
    },
    tokens: { issued: 2, refreshed: 0, revoked: 0, rejected: {}, refused: {} },
    reports: {
      queued: 4,
      refused: 0,
      completed: 3,
      failed: 1,
      cancelled: 0,
      open: 0,
      queueWait: empty,
      running: empty,
    },
    rateLimits: { limited: 3, early: 0, callers: [], callersNotKept: 0 },
    sockets: { refused: 0, open: 0, endpoints: [] },
    records: { kept: 11, notKept: 0 },
    late: 0,
  }
}

const differences = (change: (sides: { ours: ReturnType<typeof harnessSide>; theirs: LedgerReport }) => void) => {
  const sides = { ours: harnessSide(), theirs: ledgerSide() }
  change(sides)
  const { state, summary, rows } = reconcile(sides.ours, sides.theirs)
  return { state, summary, rows: rows.filter(row => row.difference !== 0).map(row => `${row.what}: ${row.difference}`) }
}

describe('reconcile', () => {
  it('agrees when every count does', () => {
    const { state, summary, rows } = differences(() => {})
    expect(rows).toEqual([])
    expect(state).toBe('agrees')
    expect(summary).toMatch(/^harness and ledger agree on all \d+ counts$/)
  })

  it.each<[string, (sides: { ours: ReturnType<typeof harnessSide>; theirs: LedgerReport }) => void, string]>([
    ['an answer', ({ theirs }) => (theirs.operations[0]!.statuses = { 202: 9 }), 'events.publish answered 202: 1'],
    [
      'a status we never saw',
      ({ theirs }) => (theirs.operations[0]!.statuses['503'] = 2),
      'events.publish answered 503: -2',
    ],
    ['a byte sent', ({ theirs }) => (theirs.operations[0]!.bytesIn -= 1), 'events.publish bytes sent: 1'],
    ['a byte received', ({ theirs }) => (theirs.operations[1]!.bytesOut += 1), 'streams.read bytes received: -1'],
    ['an accepted event', ({ theirs }) => (theirs.events.accepted = 8), 'events accepted: 1'],
    ['a token', ({ theirs }) => (theirs.tokens.issued = 3), 'tokens issued: -1'],
    ['an answer with 429', ({ ours }) => (ours.totals.rateLimited = 2), 'answers with 429: -1'],
    ['a submitted job', ({ theirs }) => (theirs.reports.queued = 5), 'jobs submitted: -1'],
    ['a completed job', ({ theirs }) => (theirs.reports.completed = 2), 'jobs completed: 1'],
    ['a failed job', ({ theirs }) => (theirs.reports.failed = 2), 'jobs failed: -1'],
    ['who ended a stream', ({ theirs }) => (theirs.streams.closed = { shutdown: 1 }), 'streams ended by the client: 1'],
  ])('shows where both differ: %s', (_, change, expected) => {
    const { state, rows } = differences(change)
    expect(rows).toContain(expected)
    expect(state).toBe('differs')
  })

  it('looks at each consumer, also when the sums agree', () => {
    const { rows, summary } = differences(({ ours, theirs }) => {
      ours.consumers = [
        { key: 'a', received: 4 },
        { key: 'b', received: 3 },
      ]
      const one = theirs.consumers[0]!
      theirs.consumers = [
        { ...one, key: 'a', delivered: 3 },
        { ...one, key: 'b', delivered: 4 },
      ]
    })
    expect(rows).toEqual(['consumers whose deliveries differ: 2', 'delivered to a: 1', 'delivered to b: -1'])
    expect(summary).toContain('consumers whose deliveries differ')
  })

  it.each<[string, (sides: { ours: ReturnType<typeof harnessSide>; theirs: LedgerReport }) => void]>([
    ['nobody followed to its end', ({ ours }) => (ours.totals.jobs.completed = 2)],
    ['is still open', ({ theirs }) => Object.assign(theirs.reports, { open: 1, completed: 2 })],
    ['was cancelled', ({ theirs }) => Object.assign(theirs.reports, { cancelled: 1, completed: 2 })],
  ])('does not hold how jobs ended against a job that %s', (_, change) => {
    expect(differences(change)).toMatchObject({ rows: [], state: 'agrees' })
  })

  it('does not hold the bytes of an operation against a request that was cut off, but does count it', () => {
    const { rows } = differences(({ ours, theirs }) => {
      ours.series.push(counter('http_reqs', { operation: 'events.publish', status: '0' }, 1))
      theirs.operations[0]!.arrivals = 11
      theirs.operations[0]!.aborted = 1
      theirs.operations[0]!.bytesIn += 500
    })
    expect(rows).toEqual([])
    expect(differences(({ theirs }) => (theirs.operations[0]!.aborted = 1)).rows).toEqual([
      'events.publish cut off: -1',
    ])
  })
})
