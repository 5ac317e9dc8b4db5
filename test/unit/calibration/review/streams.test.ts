import { describe, expect, it } from 'vitest'
import {
  reconnectBurst,
  shortStreams,
  silentSockets,
  slowReaders,
  unresumedStreams,
} from '../../../../calibration/review/streams.ts'
import type { SocketEndpointAccount } from '../../../../contract/ledger.ts'
import { Histogram } from '../../../../core/histogram.ts'
import { detailedRecordOf, truthOf } from '../../../support/audited-run.ts'
import { requests, reviewOf } from '../../../support/review-evidence.ts'

const { streams, events, sockets } = truthOf([]).ledger
const stream = (startedAt: number, lastByteMs: number) =>
  detailedRecordOf({ operation: 'streams.read', startedAt, lastByteMs }, { url: '/v1/streams/orders' })

function endpoint(different: Partial<SocketEndpointAccount>, lifetimeMs = 60_000): SocketEndpointAccount {
  const lifetime = new Histogram()
  lifetime.record(lifetimeMs)
  return {
    operation: 'sockets.chat',
    opened: 3,
    closed: {},
    received: 0,
    refusals: {},
    delivered: 0,
    dropped: {},
    unsent: 0,
    pings: 0,
    missedPongs: 0,
    lifetime: lifetime.toJSON(),
    ...different,
  }
}

describe('shortStreams', () => {
  it('finds streams that their clients left within seconds', () => {
    const ledger = { streams: { ...streams, closed: { client: 10 } } }
    expect(
      reviewOf(
        shortStreams,
        requests(10, index => stream(index, 1000)),
        ledger,
      ),
    ).toMatchObject({
      id: 'short-streams',
      count: 10,
      of: 10,
    })
  })

  it('has nothing against streams that stay, or that the target ended', () => {
    const left = { streams: { ...streams, closed: { client: 10 } } }
    expect(
      reviewOf(
        shortStreams,
        requests(10, index => stream(index, 60_000)),
        left,
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        shortStreams,
        requests(10, index => stream(index, 1000)),
      ),
    ).toBeUndefined()
  })
})

describe('slowReaders', () => {
  it('finds events that were dropped for a slow client, on streams and sockets', () => {
    const ledger = {
      events: { ...events, dropped: { drop_oldest: 5, injected: 90 } },
      streams: { ...streams, closed: { slow_consumer: 2 } },
      sockets: { ...sockets, endpoints: [endpoint({ dropped: { drop_oldest: 3 } })] },
    }
    expect(reviewOf(slowReaders, [], ledger)).toMatchObject({
      id: 'slow-readers',
      count: 10,
      title: 'the target dropped 8 events and closed 2 connections because the client read too slowly',
    })
  })

  it('has nothing against events that a fault dropped', () => {
    expect(reviewOf(slowReaders, [], { events: { ...events, dropped: { injected: 90 } } })).toBeUndefined()
  })
})

describe('unresumedStreams', () => {
  const broken = { ...streams, opened: 12, closed: { fault: 6, client: 6 } }

  it('finds streams that broke and were opened again from the end', () => {
    expect(reviewOf(unresumedStreams, [], { streams: broken })).toMatchObject({ id: 'unresumed-streams', of: 6 })
  })

  it('has nothing against streams that are resumed, or that nobody broke', () => {
    expect(reviewOf(unresumedStreams, [], { streams: { ...broken, resumed: 6 } })).toBeUndefined()
    expect(reviewOf(unresumedStreams, [], { streams: { ...broken, closed: { client: 12 } } })).toBeUndefined()
  })
})

describe('reconnectBurst', () => {
  /** Ten streams that end together after a minute, and are opened again after some ms each. */
  const outage = (againMs: (index: number) => number) => [
    ...requests(10, index => stream(1000 * index, 60_000 - 1000 * index)),
    ...requests(10, index => stream(60_000 + againMs(index), 1000)),
  ]

  it('finds streams that come back together after they broke', () => {
    expect(
      reviewOf(
        reconnectBurst,
        outage(() => 20),
      ),
    ).toMatchObject({ id: 'reconnect-burst', count: 10 })
  })

  it('has nothing against streams that come back one after another, or are opened together at first', () => {
    expect(
      reviewOf(
        reconnectBurst,
        outage(index => 300 * index),
      ),
    ).toBeUndefined()
    expect(
      reviewOf(
        reconnectBurst,
        requests(10, () => stream(5, 60_000)),
      ),
    ).toBeUndefined()
  })
})

describe('silentSockets', () => {
  const socketsWith = (...endpoints: SocketEndpointAccount[]) => ({ sockets: { ...sockets, endpoints } })

  it('finds long sockets without a ping, and pings without an answer', () => {
    expect(reviewOf(silentSockets, [], socketsWith(endpoint({})))).toMatchObject({ id: 'silent-sockets', count: 3 })
    expect(reviewOf(silentSockets, [], socketsWith(endpoint({ pings: 9, missedPongs: 2 })))).toMatchObject({
      count: 2,
      title: 'the client left 2 pings of the target without an answer',
    })
  })

  it('has nothing against short sockets, or those with heartbeats', () => {
    expect(reviewOf(silentSockets, [], socketsWith(endpoint({}, 5000), endpoint({ pings: 4 })))).toBeUndefined()
  })
})
