import type { Socket } from 'node:net'
import type { CloseReason } from '../../contract/streams.ts'
import type { Frame } from './frame.ts'

export type Encoding = 'chunked' | 'identity' | 'websocket' | 'websocket-deflate'

/** How frames cross a socket: what is different between a streamed HTTP answer and a WebSocket. */
export interface Wire {
  readonly socket: Socket
  /** False once the protocol has said goodbye: nothing may be written behind that. */
  readonly isOpen: boolean
  /** The bytes of one frame. */
  bytesOf(frame: Frame): Buffer
  /** Wires of one encoding put the same bytes on their sockets for the same frames. */
  readonly encoding: Encoding
  /** Ends the stream after everything written so far; a WebSocket with the code of the reason, unless another is given. */
  end(reason: CloseReason, code?: number): void
}
