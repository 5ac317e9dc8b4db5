import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'

/** Where a socket keeps its connection, so that all sockets share their listeners: many connections wait long. */
const onSocket: unique symbol = Symbol('connection')

declare module 'node:net' {
  interface Socket {
    [onSocket]?: Connection
  }
}

/** Tells the connection when its client leaves, and when there is room for more. */
export function listenTo(socket: Socket, connection: Connection): void {
  socket[onSocket] = connection
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
