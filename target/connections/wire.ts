import type { Duplex } from 'node:stream'
import type { CloseReason } from '../../contract/streams.ts'
import type { Frame } from './frame.ts'

export type Encoding = 'chunked' | 'identity' | 'websocket' | 'websocket-deflate' | 'grpc'

/** Writes frames to a socket, or to a stream of an HTTP/2 connection, either as a streamed HTTP response or as a WebSocket. */
export interface Wire {
  readonly socket: Duplex
  /** False once the protocol allows no further frames. */
  readonly isOpen: boolean
  /** The bytes of one frame. */
  bytesOf(frame: Frame): Buffer
  /** Wires of one encoding put the same bytes on their sockets for the same frames. */
  readonly encoding: Encoding
  /** Ends the stream after everything written so far. @param code close code of a WebSocket. Default: that of the reason */
  end(reason: CloseReason, code?: number): void
}

/** Property in which a socket keeps its connection. All sockets share these handlers, which saves memory. */
const onSocket: unique symbol = Symbol('connection')

type ListenedSocket = Duplex & { [onSocket]?: Listener }

interface Listener {
  close(reason: CloseReason): void
  flush(): void
}

/** Tells a connection when its client leaves, and when there is room for more. */
export function listenTo(socket: ListenedSocket, listener: Listener): void {
  socket[onSocket] = listener
  // Runs before Node's own listener, which ends the socket. A client that only closed its own side still gets everything up
  // to the last chunk or close frame. Over HTTP/2, every client has ended its side with its request.
  if (!('session' in socket)) socket.prependListener('end', closeByClient)
  socket.on('close', closeByClient)
  socket.on('drain', flushOnDrain)
}

function closeByClient(this: ListenedSocket): void {
  this[onSocket]?.close('client')
}

function flushOnDrain(this: ListenedSocket): void {
  this[onSocket]?.flush()
}
