import { isSocketOperation, streamingOperations } from '../../contract/api/operations.ts'
import { Histogram } from '../../core/histogram.ts'
import { formatCount } from '../../core/number-format.ts'
import { counted } from '../../harness/report/quantity.ts'
import { endedAt } from '../audit/truth.ts'
import { type DetailedRecord, exampleOf, type Reviewer, recordsOf } from './evidence.ts'

/** A stream that its client leaves earlier was not followed. */
const SHORT_MS = 5000
const FEWEST = 5
const MOST_SHARE = 0.5
/** Time within which connections break, or come back, together. */
const TOGETHER_MS = 100
/** Longest time between a break and the openings that it causes. */
const OUTAGE_MS = 60_000
/** Lifetime from which a socket needs a heartbeat: proxies cut idle ones after 60 s, many after 30 s. */
const NEEDS_HEARTBEAT_MS = 30_000

/** Streams that their clients left within seconds. */
export const shortStreams: Reviewer = evidence => {
  const streams = recordsOf(evidence, 'streams.read', 'streams.notifications').filter(({ status }) => status === 200)
  const short = streams.filter(({ lastByteMs }) => lastByteMs < SHORT_MS)
  const left = evidence.ledger.streams.closed.client ?? 0
  const count = Math.min(short.length, left)
  if (count < FEWEST || count < MOST_SHARE * streams.length) return undefined
  return {
    id: 'short-streams',
    harm: 'medium',
    title: `${formatCount(count)} of ${formatCount(streams.length)} streams were left within ${SHORT_MS / 1000} s`,
    count,
    of: streams.length,
    example: exampleOf(short[0]!),
    why: 'Followers stay for minutes or hours. Short ones measure the opening of a stream, and no delivery.',
    advice: 'Keep streams open for the whole test, in users of their own.',
  }
}

/** Consumers that read too slowly, so that events were dropped or they were disconnected. */
export const slowReaders: Reviewer = ({ ledger: { streams, events, sockets } }) => {
  const dropped =
    sumOf(events.dropped, 'injected') +
    sockets.endpoints.reduce((sum, endpoint) => sum + sumOf(endpoint.dropped, 'injected'), 0)
  const disconnected =
    (streams.closed.slow_consumer ?? 0) +
    sockets.endpoints.reduce((sum, { closed }) => sum + (closed.slow_consumer ?? 0), 0)
  if (dropped + disconnected === 0) return undefined
  return {
    id: 'slow-readers',
    harm: 'medium',
    title: `the target dropped ${counted(dropped, 'event')} and closed ${counted(disconnected, 'connection')} because the client read too slowly`,
    count: dropped + disconnected,
    why: 'The client, and not the service, limits the delivery that is measured.',
    advice: 'Read streams without waiting for other work, or follow fewer of them from one process.',
  }
}

/** Streams that were opened again after a break without the place where they broke. */
export const unresumedStreams: Reviewer = ({ ledger: { streams, consumers } }) => {
  const broken = Object.entries(streams.closed).reduce(
    (sum, [reason, count]) => (reason === 'client' || reason === 'shutdown' ? sum : sum + count),
    0,
  )
  const reopened = consumers.reduce((sum, { connections }) => sum + connections - 1, 0)
  const count = Math.min(broken, Math.max(reopened, streams.opened - consumers.length))
  if (count < FEWEST || streams.resumed > 0) return undefined
  return {
    id: 'unresumed-streams',
    harm: 'medium',
    title: `${formatCount(broken)} streams broke, and none was resumed where it broke`,
    count,
    of: broken,
    why: 'Events between the break and the next opening are lost to the client, which real consumers avoid.',
    advice: 'Send Last-Event-ID with the id of the last event when a stream is opened again.',
  }
}

/** Connections that came back together after they broke together. */
export const reconnectBurst: Reviewer = ({ records }) => {
  const openings = records.filter(isOpening)
  const ends = openings.map(endedAt).sort((a, b) => a - b)
  let worst = { count: 0, first: 0 }
  let [next, recent, broken] = [0, 0, 0]
  for (const [first, { startedAt }] of openings.entries()) {
    while (next < openings.length && openings[next]!.startedAt < startedAt + TOGETHER_MS) next += 1
    while (broken < ends.length && ends[broken]! <= startedAt) broken += 1
    while (recent < broken && ends[recent]! < startedAt - OUTAGE_MS) recent += 1
    if (broken - recent >= FEWEST && next - first > worst.count) worst = { count: next - first, first }
  }
  if (worst.count < FEWEST) return undefined
  return {
    id: 'reconnect-burst',
    harm: 'medium',
    title: `${formatCount(worst.count)} streams were opened again within ${TOGETHER_MS} ms`,
    count: worst.count,
    of: openings.length,
    example: exampleOf(openings[worst.first]!),
    why: 'After an outage all clients come back in one moment, and their burst is the next outage.',
    advice: 'Wait a random time before a reconnect, longer with each attempt.',
  }
}

function isOpening({ operation, status }: DetailedRecord): boolean {
  return (streamingOperations.includes(operation) && status === 200) || (isSocketOperation(operation) && status === 101)
}

/** Sockets that were open for long without a ping. */
export const silentSockets: Reviewer = ({ ledger: { sockets } }) => {
  const silent = sockets.endpoints.filter(({ pings, lifetime }) => {
    const times = Histogram.fromJSON(lifetime)
    return pings === 0 && times.count > 0 && times.percentile(50) > NEEDS_HEARTBEAT_MS
  })
  const missed = sockets.endpoints.reduce((sum, { missedPongs }) => sum + missedPongs, 0)
  const count = silent.reduce((sum, { opened }) => sum + opened, 0) + missed
  if (count === 0) return undefined
  return {
    id: 'silent-sockets',
    harm: 'low',
    title:
      missed > 0
        ? `the client left ${counted(missed, 'ping')} of the target without an answer`
        : `the client sent no ping on ${counted(count, 'socket')} that it held open for more than ${NEEDS_HEARTBEAT_MS / 1000} s`,
    count,
    why: 'Without heartbeats neither end notices a dead connection, and proxies cut idle ones.',
    advice: 'Answer pings, and send one every 20 to 30 s.',
  }
}

function sumOf(counts: Record<string, number>, except: string): number {
  return Object.entries(counts).reduce((sum, [reason, count]) => (reason === except ? sum : sum + count), 0)
}
