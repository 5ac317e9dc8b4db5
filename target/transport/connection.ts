import type { StreamCloseReason } from '../../contract/streams.ts'
import type { Frame } from './frame.ts'

/**
 * - `sent`: goes to the socket at the end of this turn of the loop.
 * - `queued`: waits until the client has read what came before.
 * - `dropped`: the slow-consumer policy took it away, and counted it.
 * - `closed`: the connection has ended, or ended now because of this frame.
 */
export type SendResult = 'sent' | 'queued' | 'dropped' | 'closed'

/** One client that follows streams. Every event frame offered is counted once: delivered, dropped, or unsent at the close. */
export interface Connection {
  send(frame: Frame): SendResult
  /** A frame about the stream itself. It never waits: false, and not sent, when the client is behind. */
  notify(frame: Frame): boolean
  close(reason: StreamCloseReason): void
  /** Bytes that wait for this client, here and in its socket. */
  readonly bufferedBytes: number
  /** Of these, how many more may come before the budget is spent. */
  readonly roomBytes: number
}
