import type { About, Frame } from '../connections/frame.ts'
import type { Gap } from '../connections/outbox.ts'
import type { SentFrame } from './sent-frame.ts'
import type { SocketRefusal } from './refusal.ts'

/** A message of a client. */
export interface SocketMessage {
  /** Value of the field that holds the action; not necessarily a string. */
  readonly action: unknown
  readonly body: Record<string, unknown>
  /** Its text, for parts that are forwarded as they were written. */
  readonly sent: SentFrame
}

/** A message to one client or to many, which share its frame. */
export interface OutgoingMessage {
  /** JSON if it is a string. */
  readonly message: object | string
  readonly about: About
  /** Conflation key: a newer frame with an equal key replaces this one. */
  readonly key?: string
}

/** How both ends talk over a WebSocket. */
export interface SocketProtocol {
  /** Name of the message field that holds the action. */
  readonly verb: string
  /** @param depth maximum number of levels of arrays and objects @throws SocketRefusal */
  decode(bytes: Buffer, isBinary: boolean, depth: number): SocketMessage
  encode(out: OutgoingMessage): Frame
  /** Answers a ping that matches its schema. */
  pong(ping: SocketMessage, wallTime: number): Frame
  /** @param message undefined if the client's bytes could not be decoded */
  refuse(error: SocketRefusal, message: SocketMessage | undefined): Frame
  /** Closing of the WebSocket in place of an answer to a message that is refused; undefined where refusals are answered. */
  readonly violation?: (error: SocketRefusal) => { code: number; reason: string }
  /** Close code for a failure of the target. Default: that of every WebSocket, 1011. */
  readonly failureCode?: number
  /** Tells the client about dropped events. */
  lagged(gap: Gap): Frame
}
