import { closeCodeOf } from '../../contract/sockets/close-codes.ts'
import { Histogram } from '../../core/histogram.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { summarise } from './trend-summary.ts'

/** The side that ended a connection; `lost`: it broke before the body was complete, or without a close frame. */
export type Closer = 'client' | 'target' | 'lost'

/** Side that ended a connection, by the reason tag of its session. */
const closers: Readonly<Record<string, Closer>> = { end: 'client', server: 'target' }

/** Returns the totals of the run's streams: those over SSE, and those of gRPC. */
export function streamTotals(snapshot: Snapshot, peakOpen: number) {
  return {
    opened: snapshot.total('sse_sessions') + snapshot.total('grpc_streams'),
    reconnects: snapshot.total('reconnects', { transport: 'sse' }),
    resets: snapshot.total('sse_resets') + snapshot.total('grpc_resets'),
    peakOpen,
    connecting: summarise(snapshot.histogram('sse_connecting')),
    firstEvent: summarise(snapshot.histogram('sse_time_to_first_event')),
    closed: closings(snapshot, 'sse_session_duration', 'grpc_stream_duration').map(({ by, count, lifetime }) => ({
      by,
      count,
      lifetime,
    })),
  }
}

/** Returns the totals of the run's WebSockets. */
export function socketTotals(snapshot: Snapshot, peakOpen: number) {
  return {
    opened: snapshot.total('ws_sessions'),
    reconnects: snapshot.total('reconnects', { transport: 'ws' }),
    peakOpen,
    framesSent: snapshot.total('ws_msgs_sent'),
    framesReceived: snapshot.total('ws_msgs_received'),
    /** Frames received that carry an event; they are not among `events.delivered`. */
    events: snapshot.total('ws_events'),
    unansweredRequests: snapshot.hits('ws_req_failed'),
    connecting: summarise(snapshot.histogram('ws_connecting')),
    /** From when a request was due to the frame that answers it. */
    response: summarise(snapshot.histogram('ws_req_duration')),
    ping: summarise(snapshot.histogram('ws_ping')),
    closed: closings(snapshot, 'ws_session_duration').map(({ code, ...closing }) => {
      const { name, meaning } = closeCodeOf(code)
      return { code, name, meaning, ...closing }
    }),
  }
}

/** Returns the lifetimes of sessions by close code and by who ended them, most frequent first. Streams have no code. */
function closings(
  snapshot: Snapshot,
  ...metrics: ('sse_session_duration' | 'ws_session_duration' | 'grpc_stream_duration')[]
) {
  const sessions = Map.groupBy(
    metrics.flatMap(metric => snapshot.select(metric)),
    ({ tags }) => `${tags.status ?? '1006'} ${closers[tags.reason ?? ''] ?? 'lost'}`,
  )
  return [...sessions]
    .map(([key, series]) => {
      const [code, by] = key.split(' ') as [string, Closer]
      const lifetime = new Histogram()
      for (const { value } of series) lifetime.merge(value.histogram)
      return { code: Number(code), by, count: lifetime.count, lifetime: summarise(lifetime) }
    })
    .sort((a, b) => b.count - a.count || a.code - b.code || (a.by < b.by ? -1 : 1))
}
