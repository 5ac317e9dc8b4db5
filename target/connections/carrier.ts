import type { Socket } from 'node:net'

/** Key of the connection that carries a TLS connection. */
const carrier: unique symbol = Symbol('carrier')

declare module 'node:net' {
  interface Socket {
    [carrier]?: Socket
  }
}

/** Notes the TCP connection below a TLS connection. */
export function carriedBy(secured: Socket, raw: Socket): void {
  secured[carrier] = raw
}

/** Ends a connection with a RST, also below TLS, which has none of its own. */
export function resetConnection(socket: Socket): void {
  const raw = socket[carrier]
  if (raw === undefined) return void socket.resetAndDestroy()
  raw.resetAndDestroy()
  socket.destroy()
}
