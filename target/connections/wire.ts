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

/** Where a socket keeps its listener, so that all sockets share their listeners: many connections wait long. */
const onSocket: unique symbol = Symbol('connection')

declare module 'node:net' {
  interface Socket {
    [onSocket]?: Listener
  }
}

interface Listener {
  close(reason: CloseReason): void
  flush(): void
}

/** Tells a connection when its client leaves, and when there is room for more. */
export function listenTo(socket: Socket, listener: Listener): void {
  socket[onSocket] = listener
  // Before Node's own listener, which ends the socket: the goodbye must come first. What the socket was given until
  // then still reaches a client that only closed its own side.
  socket.prependListener('end', closeByClient)
  socket.on('close', closeByClient)
  socket.on('drain', flushOnDrain)
}

function closeByClient(this: Socket): void {
  this[onSocket]?.close('client')
}

function flushOnDrain(this: Socket): void {
  this[onSocket]?.flush()
}
