import { describe, expect, it } from 'vitest'
import { deliveriesOf } from '../../../calibration/deliveries.ts'
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
  const limited = { operation: 'products.list', name: '/products', method: 'GET', status: '429' }
  const stream = { operation: 'streams.read', name: '/v1/streams/{stream}', method: 'GET', status: '200' }
  return {
    series: [
      counter('http_reqs', { ...publish, task: 'a' }, 6),
      counter('http_reqs', { ...publish, task: 'b' }, 4),
      counter('http_reqs', stream, 1),
      counter('http_reqs', limited, 3),
      counter('data_sent', publish, 5000),
      counter('data_received', publish, 900),
      counter('data_received', stream, 1400),
    ],
    consumers: [{ key: 'run/consumer-0/0', received: 7 }],
    totals: {
      events: { published: 10, accepted: 9, duplicate: 1, rejected: 0, delivered: 7 },
      streams: { opened: 1, closed: [{ by: 'client', count: 1 }] },
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
    cut: 0,
    unanswered: 0,
    statuses: {},
    bytesIn: 0,
    bytesOut: 0,
    arrivalGap: empty,
    firstByte: empty,
    handler: empty,
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
      account('products.list', { arrivals: 3, statuses: { 429: 3 } }),
      account('streams.read', { arrivals: 1, statuses: { 200: 1 }, bytesIn: 0, bytesOut: 1400 }),
    ],
    streams: {
      opened: 1,
      refused: 0,
      closed: { client: 1 },
      resumed: 0,
      reset: 0,
      lifetime: empty,
      polls: { answered: 0, empty: 0, refused: 0, reset: 0, events: 0 },
      deliveries: [],
    },
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
    faults: { rules: [], stations: [], notKept: 0, stalled: 0 },
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

/** Adds two chat sockets that the client closed, over which 5 frames went out and 8 messages came in. */
function withSockets({ ours, theirs }: { ours: ReturnType<typeof harnessSide>; theirs: LedgerReport }, code = '1000') {
  const tags = { operation: 'sockets.chat', name: '/ws/chat' }
  const lifetime = new Histogram()
  lifetime.record(5)
  lifetime.record(6)
  ours.series.push(
    counter('ws_sessions', tags, 2),
    counter('ws_msgs_sent', tags, 5),
    counter('ws_events', tags, 8),
    counter('http_reqs', { ...tags, status: '101' }, 2),
    counter('data_sent', tags, 50),
    counter('data_received', tags, 90),
    {
      metric: 'ws_session_duration',
      tags: { ...tags, status: code, reason: 'end' },
      value: { kind: 'trend', histogram: lifetime.toJSON() },
    },
  )
  theirs.operations.push(account('sockets.chat', { arrivals: 2, statuses: { 101: 2 }, bytesIn: 50, bytesOut: 90 }))
  const endpoint = {
    operation: 'sockets.chat' as const,
    opened: 2,
    closed: { client: 2 } as Record<string, number>,
    received: 5,
    refusals: {},
    delivered: 8,
    dropped: {},
    unsent: 0,
    pings: 0,
    missedPongs: 0,
    lifetime: empty,
  }
  theirs.sockets.endpoints = [endpoint]
  return endpoint
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
    ['a byte received', ({ theirs }) => (theirs.operations[2]!.bytesOut += 1), 'streams.read bytes received: -1'],
    ['an accepted event', ({ theirs }) => (theirs.events.accepted = 8), 'events accepted: 1'],
    ['a token', ({ theirs }) => (theirs.tokens.issued = 3), 'tokens issued: -1'],
    ['an answer with 429', ({ ours }) => (ours.totals.rateLimited = 2), 'answers with 429: -1'],
    ['a submitted job', ({ theirs }) => (theirs.reports.queued = 5), 'jobs submitted: -1'],
    ['a completed job', ({ theirs }) => (theirs.reports.completed = 2), 'jobs completed: 1'],
    ['a failed job', ({ theirs }) => (theirs.reports.failed = 2), 'jobs failed: -1'],
    [
      'who ended a stream',
      ({ ours }) => (ours.totals.streams.closed = [{ ...ours.totals.streams.closed[0]!, by: 'target' }]),
      'streams ended by the client: -1',
    ],
  ])('shows where both differ: %s', (_, change, expected) => {
    const { state, rows } = differences(change)
    expect(rows).toContain(expected)
    expect(state).toBe('differs')
  })

  it('takes a stream that both ended for ended by the target, which its client could not know', () => {
    const bothEnd = ({ theirs }: { theirs: LedgerReport }) => (theirs.streams.closed = { control: 1 })
    expect(differences(bothEnd).rows).toEqual([])
  })

  it('holds each stream’s deliveries against what was received, and what it offered against what is explained', () => {
    const account = {
      stream: 'orders',
      offered: 20,
      takenOver: 0,
      delivered: 10,
      polled: 3,
      dropped: { drop_oldest: 2, conflate: 1 },
      filtered: 2,
      elsewhere: 2,
      expired: 2,
      unsent: 1,
    }
    const found = (change: Partial<typeof account>) =>
      differences(({ ours, theirs }) => {
        ours.series.push(counter('sse_events', { stream: 'orders', user: 'a' }, 4))
        ours.series.push(counter('sse_events', { stream: 'orders', user: 'b' }, 3))
        theirs.streams.deliveries = [{ ...account, ...change }]
      }).rows
    expect(found({})).toEqual([])
    expect(found({ offered: 21 })).toEqual(['deliveries of orders explained: -1'])
    expect(found({ expired: 3 })).toEqual(['deliveries of orders explained: 1'])
    expect(found({ delivered: 9, unsent: 2 })).toEqual(['events delivered of orders: 1'])
  })

  it('says what became of the events of each stream, and what is not explained', () => {
    const { streams, events } = ledgerSide()
    const account = { takenOver: 0, polled: 0, filtered: 1, elsewhere: 1, expired: 1, unsent: 1 }
    streams.deliveries = [{ stream: 'orders', offered: 20, delivered: 10, dropped: { conflate: 4 }, ...account }]
    expect(deliveriesOf({ streams, events })).toEqual([
      {
        stream: 'orders',
        accepted: 9,
        offered: 20,
        delivered: 10,
        dropped: { conflate: 4 },
        filtered: 1,
        elsewhere: 1,
        expired: 1,
        unsent: 1,
        unexplained: 2,
      },
    ])
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
      Object.assign(theirs.operations[0]!, { aborted: 1, unanswered: 1 })
      theirs.operations[0]!.bytesIn += 500
    })
    expect(rows).toEqual([])
    const unseen = differences(({ theirs }) => Object.assign(theirs.operations[0]!, { aborted: 1, unanswered: 1 }))
    expect(unseen.rows).toEqual(['events.publish cut off: -1'])
  })

  it.each([
    ['never saw the first attempt', 0],
    ['saw both', 1],
  ])('takes a request that was sent once more for one, where the target %s', (_, unanswered) => {
    const { rows } = differences(({ ours, theirs }) => {
      ours.series.push(counter('http_req_resent', { operation: 'events.publish' }, 1))
      theirs.operations[0]!.arrivals += unanswered
      Object.assign(theirs.operations[0]!, { unanswered })
    })
    expect(rows).toEqual([])
  })

  it('holds an answer that a fault cut after its head by its status, and not by its bytes', () => {
    const { rows } = differences(({ theirs }) => Object.assign(theirs.operations[0]!, { cut: 1, bytesOut: 1 }))
    expect(rows).toEqual([])
  })

  it('holds the sockets of each endpoint against each other', () => {
    expect(differences(sides => void withSockets(sides))).toMatchObject({ rows: [], state: 'agrees' })
    const { rows } = differences(sides => {
      const endpoint = withSockets(sides)
      Object.assign(endpoint, { opened: 3, received: 4, delivered: 9, closed: { client: 3 } })
    })
    expect(rows).toEqual([
      'sockets.chat sockets opened: -1',
      'sockets.chat events delivered: -1',
      'sockets.chat sockets closed by the client: -1',
      'sockets.chat frames sent: 1',
    ])
    expect(differences(sides => void (withSockets(sides), (sides.theirs.sockets.endpoints = []))).rows).toContain(
      'sockets.chat sockets opened: 2',
    )
  })

  it('does not hold what came too late against who sent it, where the target closed sockets', () => {
    const { rows } = differences(sides => {
      const endpoint = withSockets(sides)
      Object.assign(endpoint, { received: 4, closed: { client: 1, control: 1 } })
      sides.theirs.operations.at(-1)!.bytesIn -= 10
    })
    expect(rows).toEqual([])
  })

  it('does not compare what nobody can know, where a connection was lost', () => {
    const { rows } = differences(sides => {
      const endpoint = withSockets(sides, '1006')
      Object.assign(endpoint, { received: 4, delivered: 20 })
      sides.theirs.operations.at(-1)!.bytesOut += 10
    })
    expect(rows).toEqual([])
  })
})
