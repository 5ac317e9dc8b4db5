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
    closed: streamClosings(snapshot),
  }
}

/** Side that ended a connection, by the reason tag of its session. */
const closers: Readonly<Record<string, Closer>> = { end: 'client', server: 'target' }

function streamClosings(snapshot: Snapshot): StreamClosings[] {
  const lifetimes = new Map<Closer, Histogram>()
  for (const { tags, value } of snapshot.select('sse_session_duration')) {
    const by = closers[tags.reason ?? ''] ?? 'lost'
    let lifetime = lifetimes.get(by)
    if (lifetime === undefined) lifetimes.set(by, (lifetime = new Histogram()))
    lifetime.merge(value.histogram)
  }
  return [...lifetimes]
    .map(([by, lifetime]) => ({ by, count: lifetime.count, lifetime: summarise(lifetime) }))
    .sort((a, b) => b.count - a.count || (a.by < b.by ? -1 : 1))
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
    closed: socketClosings(snapshot),
  }
}

function socketClosings(snapshot: Snapshot): SocketClosings[] {
  const lifetimes = new Map<string, { code: number; by: SocketClosings['by']; lifetime: Histogram }>()
  for (const { tags, value } of snapshot.select('ws_session_duration')) {
    const code = Number(tags.status ?? '1006')
    const by = closers[tags.reason ?? ''] ?? 'lost'
    const key = `${code} ${by}`
    let closings = lifetimes.get(key)
    if (closings === undefined) lifetimes.set(key, (closings = { code, by, lifetime: new Histogram() }))
    closings.lifetime.merge(value.histogram)
  }
  return [...lifetimes.values()]
    .map(({ code, by, lifetime }) => {
      const { name, meaning } = closeCodeOf(code)
      return { code, name, meaning, by, count: lifetime.count, lifetime: summarise(lifetime) }
    })
    .sort((a, b) => b.count - a.count || a.code - b.code)
}
