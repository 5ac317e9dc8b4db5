import type { Duplex } from 'node:stream'
import type { CloseReason } from '../../contract/streams.ts'
import type { Frame } from './frame.ts'

/** Puts frames into bytes. Wires of one encoding put the same bytes on their sockets for the same frames. */
export interface Encoding {
  bytesOf(frame: Frame): Buffer
}

/** A WebSocket, of which every further object would be one more wait for memory. */
export interface WireGate {
  readonly readyState: number
  readonly OPEN: number
}

/** Writes frames to a socket, or to a stream of an HTTP/2 connection, either as a streamed HTTP response or as a WebSocket. */
export interface Wire {
  readonly socket: Duplex
  /** False once the protocol allows no further frames. */
  readonly isOpen: boolean
  readonly encoding: Encoding
  /** Says whether the protocol is open; undefined if it is as long as its socket. */
  readonly gate?: WireGate
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
