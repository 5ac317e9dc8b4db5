import { closeCodeOf } from '../../contract/sockets/close-codes.ts'
import { Histogram } from '../../core/histogram.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { summarise, type TrendSummary } from './trend-summary.ts'

/** SSE streams. */
export interface StreamTotals {
  opened: number
  reconnects: number
  resets: number
  peakOpen: number
  connecting: TrendSummary
  firstEvent: TrendSummary
  /** By who ended it, most frequent first. */
  closed: StreamClosings[]
}

export interface StreamClosings {
  /** `lost`: the connection broke before the body was complete. */
  by: Closer
  count: number
  lifetime: TrendSummary
}

export type Closer = 'client' | 'target' | 'lost'

/** WebSockets. */
export interface SocketTotals {
  opened: number
  reconnects: number
  peakOpen: number
  framesSent: number
  framesReceived: number
  /** Those received that carry an event; they are not among `events.delivered`. */
  events: number
  unansweredRequests: number
  connecting: TrendSummary
  /** From when a request was due to the frame that answers it. */
  response: TrendSummary
  ping: TrendSummary
  /** By code and by who ended it, most frequent first. */
  closed: SocketClosings[]
}

export interface SocketClosings {
  code: number
  /** Name of the code. */
  name: string
  meaning: string
  /** `lost`: the connection broke without a goodbye. */
  by: Closer
  count: number
  lifetime: TrendSummary
}

/** Returns the totals of the run's SSE streams. */
export function streamTotals(snapshot: Snapshot, peakOpen: number): StreamTotals {
  return {
    opened: snapshot.total('sse_sessions'),
    reconnects: snapshot.total('reconnects', { transport: 'sse' }),
    resets: snapshot.total('sse_resets'),
    peakOpen,
    connecting: summarise(snapshot.histogram('sse_connecting')),
    firstEvent: summarise(snapshot.histogram('sse_time_to_first_event')),
    closed: closings(snapshot, 'sse_session_duration').map(({ by, count, lifetime }) => ({ by, count, lifetime })),
  }
}

/** Side that ended a connection, by the reason tag of its session. */
const closers: Readonly<Record<string, Closer>> = { end: 'client', server: 'target' }

/** Returns the lifetimes of sessions by close code and by who ended them, most frequent first. Streams have no code. */
function closings(snapshot: Snapshot, metric: 'sse_session_duration' | 'ws_session_duration') {
  const sessions = Map.groupBy(
    snapshot.select(metric),
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

/** Returns the totals of the run's WebSockets. */
export function socketTotals(snapshot: Snapshot, peakOpen: number): SocketTotals {
  return {
    opened: snapshot.total('ws_sessions'),
    reconnects: snapshot.total('reconnects', { transport: 'ws' }),
    peakOpen,
    framesSent: snapshot.total('ws_msgs_sent'),
    framesReceived: snapshot.total('ws_msgs_received'),
    events: snapshot.total('ws_events'),
    unansweredRequests: snapshot.hits('ws_req_failed'),
    connecting: summarise(snapshot.histogram('ws_connecting')),
    response: summarise(snapshot.histogram('ws_req_duration')),
    ping: summarise(snapshot.histogram('ws_ping')),
    closed: closings(snapshot, 'ws_session_duration').map(({ code, ...closing }) => {
      const { name, meaning } = closeCodeOf(code)
      return { code, name, meaning, ...closing }
    }),
  }
}
