import type { Socket } from 'node:net'

/** Set on a connection that a fault has ended: its requests were cut, their client did not leave. */
export const cutByFault: unique symbol = Symbol('cut by a fault')

declare module 'node:net' {
  interface Socket {
    [cutByFault]?: true
  }
}

/** Ends a connection with a RST. What the network has not taken by then is lost with it. */
export function resetConnection(socket: Socket): void {
  socket[cutByFault] = true
  socket.resetAndDestroy()
}

/** Ends a connection with a FIN, behind what it still has to send. */
export function closeConnection(socket: Socket): void {
  socket[cutByFault] = true
  socket.destroySoon()
}
