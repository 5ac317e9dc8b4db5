import type { TrendSummary } from './trend-summary.ts'

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
