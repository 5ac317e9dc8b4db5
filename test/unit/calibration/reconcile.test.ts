import { describe, expect, it } from 'vitest'
import { deliveriesOf } from '../../../calibration/ledger-findings.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { Histogram } from '../../../core/histogram.ts'
import { account, counter, empty, harnessSide, ledgerSide } from './sides.ts'

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
  it('agrees if every count does', () => {
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
  ])('shows where both ends differ: %s', (_, change, expected) => {
    const { state, rows } = differences(change)
    expect(rows).toContain(expected)
    expect(state).toBe('differs')
  })

  it('treats a stream that both ends closed as ended by the target, because its client could not know', () => {
    const bothEnd = ({ theirs }: { theirs: LedgerReport }) => (theirs.streams.closed = { control: 1 })
    expect(differences(bothEnd).rows).toEqual([])
  })

  it('compares each stream’s deliveries with the received events, and its offered events with the sum of all outcomes', () => {
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

  it('lists the outcomes of the events of each stream, and those without one', () => {
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

  it('compares each consumer, even if the sums agree', () => {
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
  ])('does not compare the outcome of a job that %s', (_, change) => {
    expect(differences(change)).toMatchObject({ rows: [], state: 'agrees' })
  })

  it('does not compare the bytes of an operation with a request that was cut off, but counts the request', () => {
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
  ])('counts a resent request once, if the target %s', (_, unanswered) => {
    const { rows } = differences(({ ours, theirs }) => {
      ours.series.push(counter('http_req_resent', { operation: 'events.publish' }, 1))
      theirs.operations[0]!.arrivals += unanswered
      Object.assign(theirs.operations[0]!, { unanswered })
    })
    expect(rows).toEqual([])
  })

  it('compares the status of a response that a fault cut after its head, but not its bytes', () => {
    const { rows } = differences(({ theirs }) => Object.assign(theirs.operations[0]!, { cut: 1, bytesOut: 1 }))
    expect(rows).toEqual([])
  })

  it('sets the unread rest of responses that the harness gave up apart, but never more bytes than were written', () => {
    const changed = (writtenMore: number) => {
      const [ours, theirs] = [harnessSide(), ledgerSide()]
      ours.series.push(counter('http_req_cut', { operation: 'events.publish' }, 2))
      theirs.operations[0]!.bytesOut += writtenMore
      return reconcile(ours, theirs).rows.filter(({ what }) => what.startsWith('events.publish bytes received'))
    }
    const { bytesOut } = ledgerSide().operations[0]!
    const rowOf = (what: string, harness: number, ledger: number) => ({
      what: `events.publish bytes received${what}`,
      harness,
      ledger,
      difference: harness - ledger,
    })
    expect(changed(70)).toEqual([rowOf(', but for 70 of 2 answers that were cut off', bytesOut, bytesOut)])
    expect(changed(0)).toEqual([rowOf('', bytesOut, bytesOut)])
    expect(changed(-1)).toEqual([rowOf('', bytesOut, bytesOut - 1)])
  })

  it('compares the sockets of each endpoint', () => {
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

  it.each([
    [1, []],
    [2, []],
    [0, ['sockets.chat sockets opened: -1']],
  ])('accepts a session too many if the opening of %i was not read', (unknown, expected) => {
    const { rows } = differences(sides => {
      Object.assign(withSockets(sides), { opened: 3 })
      sides.ours.series.push(counter('ws_sessions_unknown', { operation: 'sockets.chat' }, unknown))
    })
    expect(rows).toEqual(expected)
  })

  it('accepts frames that came too late because the target had closed the socket', () => {
    const { rows } = differences(sides => {
      const endpoint = withSockets(sides)
      Object.assign(endpoint, { received: 4, closed: { client: 1, control: 1 } })
      sides.theirs.operations.at(-1)!.bytesIn -= 10
    })
    expect(rows).toEqual([])
  })

  it('does not compare counts that are unknowable after a connection was lost', () => {
    const { rows } = differences(sides => {
      const endpoint = withSockets(sides, '1006')
      Object.assign(endpoint, { received: 4, delivered: 20 })
      sides.theirs.operations.at(-1)!.bytesOut += 10
    })
    expect(rows).toEqual([])
  })

  const publish = { operation: 'events.publish', name: '/v1/events/publish', method: 'POST' }

  it('counts events without a response separately from answered ones', () => {
    const found = (received: number, accepted: number, duplicate = 1) =>
      differences(({ ours, theirs }) => {
        ours.series.push(
          counter('http_reqs', { ...publish, status: '0' }, 3),
          counter('outcomes_unknown', { ...publish, status: '0', reason: 'lost' }, 3),
          counter('outcomes_unknown', { ...publish, status: '202', reason: 'unreadable' }, 2),
        )
        Object.assign(theirs.operations[0]!, { arrivals: 13, unanswered: 3, aborted: 3 })
        Object.assign(theirs.events, { received, accepted, duplicate })
      }).rows
    // Two were certainly accepted; three may have been.
    expect(found(12, 11)).toEqual([])
    expect(found(15, 12, 3)).toEqual([])
    expect(found(11, 10)).toEqual(['events whose answer could not be read: 1'])
    expect(found(16, 15)).toEqual(['events published: -1', 'events accepted: -1'])
    expect(found(9, 8)).toEqual([
      'events published: 1',
      'events accepted: 1',
      'events whose answer could not be read: 2',
    ])
  })

  it('counts tokens and jobs without a response separately from answered ones', () => {
    const found = (issued: number, queued: number) =>
      differences(({ ours, theirs }) => {
        ours.series.push(
          counter('outcomes_unknown', { operation: 'oauth.token', status: '0', reason: 'lost' }, 1),
          counter('outcomes_unknown', { operation: 'reports.create', status: '0', reason: 'lost' }, 2),
        )
        theirs.tokens.issued = issued
        Object.assign(theirs.reports, { queued, completed: queued - 1 })
      }).rows
    expect(found(3, 6)).toEqual([])
    expect(found(4, 7)).toEqual(['jobs submitted: -1', 'tokens issued: -1'])
  })

  it('treats a response that the target sent and the harness gave up on as lost, and no others', () => {
    const found = (statuses: Record<string, number>) =>
      differences(({ ours, theirs }) => {
        ours.series.push(counter('http_reqs', { ...publish, status: '0' }, 2))
        theirs.operations[0]!.statuses = statuses
      }).rows
    expect(found({ 202: 11, 503: 1 })).toEqual([])
    expect(found({ 202: 11, 503: 2 })).toEqual(['events.publish answered 503: -1'])
  })

  it('attributes sockets and streams whose opening was given up to the target alone', () => {
    const { rows } = differences(sides => {
      const endpoint = withSockets(sides)
      const { ours, theirs } = sides
      ours.series.push(
        counter('http_reqs', { operation: 'sockets.chat', status: '0' }, 1),
        counter('http_reqs', { operation: 'streams.read', status: '0' }, 1),
      )
      Object.assign(endpoint, { opened: 3, closed: { client: 3 } })
      theirs.operations.at(-1)!.statuses = { 101: 3 }
      theirs.operations[2]!.statuses = { 200: 2 }
      Object.assign(theirs.streams, { opened: 2, closed: { client: 2 } })
      theirs.consumers.push({ ...theirs.consumers[0]!, key: 'unseen', delivered: 3 })
      theirs.events.delivered = 10
    })
    expect(rows).toEqual([])
  })

  it('does not compare events sent into a broken stream with those received', () => {
    const found = (delivered: number) =>
      differences(({ ours, theirs }) => {
        ours.totals.streams.closed = [{ ...ours.totals.streams.closed[0]!, by: 'lost' }]
        Object.assign(theirs, { open: { requests: 1, streams: 1 } })
        theirs.streams.closed = {}
        theirs.consumers[0]!.delivered = delivered
        theirs.events.delivered = delivered
      }).rows
    expect(found(9)).toEqual([])
    expect(found(6)).toEqual([
      'events delivered: 1',
      'consumers whose deliveries differ: 1',
      'delivered to run/consumer-0/0: 1',
    ])
  })

  it('compares sums if either end has not kept every consumer and stream separately', () => {
    const { rows } = differences(({ ours, theirs }) => {
      const one = theirs.consumers[0]!
      ours.consumersNotKept = 1
      ours.consumers = [{ key: 'a', received: 4 }]
      theirs.consumers = [{ ...one, key: 'b', delivered: 3 }]
      theirs.consumersNotKept = 1
      const none = { takenOver: 0, polled: 0, dropped: {}, filtered: 0, elsewhere: 0, expired: 0, unsent: 0 }
      ours.series.push(counter('sse_events', { stream: 'a' }, 4), counter('sse_events', { stream: '(other)' }, 3))
      theirs.streams.deliveries = ['a', 'b'].map((stream, index) => ({
        ...none,
        stream,
        offered: 5 - 3 * index,
        delivered: 5 - 3 * index,
      }))
    })
    expect(rows).toEqual([])
  })
})
