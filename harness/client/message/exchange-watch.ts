import type { Session } from '../../session/session.ts'
import type { ResponseHeaders } from '../engine/engine.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { ReceivedBody } from './received-body.ts'

/** Sees everything that the users of a client send and receive. A run under load has none, and keeps nothing for it. */
export interface ExchangeWatch {
  /** A request was answered, has failed, or could not be sent. */
  answered(exchange: WatchedExchange): void
  /** A stream or WebSocket was opened. */
  opened(connection: WatchedConnection): void
  /** A stream or WebSocket was refused, or has ended. */
  ended(connection: WatchedConnection, ending: WatchedEnding): void
  /** An event arrived on a stream. */
  event(session: Session, event: { type: string; id: string; data: string }): void
  /** A frame was sent or received on a WebSocket. */
  frame(session: Session, direction: 'sent' | 'received', data: string | Buffer, isBinary: boolean): void
  /** A user refused a cookie of a server. The reason does not show its value. */
  cookieRefused(why: string): void
}

export interface WatchedExchange {
  session: Session
  method: string
  url: string
  /** Number of redirects before it. */
  redirects: number
  /** As sent; undefined when it was not sent. */
  request: { headers: Record<string, string>; body: Buffer | readonly Buffer[] | null } | undefined
  /** 0 without a response. */
  status: number
  headers: ResponseHeaders
  body: ReceivedBody | undefined
  /** Monotonic ms. */
  dueAt: number
  sentAt: number | undefined
  headAt: number | undefined
  endedAt: number
  failure: ExchangeFailure | undefined
}

export interface WatchedConnection {
  transport: 'sse' | 'ws'
  session: Session
  method: string
  url: string
  /** Headers and body as sent. */
  requestHeaders: Record<string, string>
  body: Buffer | null
  /** 0 without a response. */
  status: number
  headers: ResponseHeaders
  /** Time from the request to its response, or to its end, in ms. */
  tookMs: number
}

export interface WatchedEnding {
  /** Whether it was open. */
  opened: boolean
  /** Beginning of the body of a refusal. */
  body: string
  /** The side that ended it: `server`, `end` for the client, `error`; absent where it was never open. */
  reason: string | undefined
  /** Code that closed a WebSocket. */
  code: string | undefined
  failure: ExchangeFailure | undefined
}
