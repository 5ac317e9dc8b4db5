import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'

/** How much of what nobody wants is read from a client, so that it reads its answer. */
export interface LingerLimits {
  bytes: number
  ms: number
}

/** Set on a connection that is only read to its end. */
export const lingers: unique symbol = Symbol('lingers')

declare module 'fastify' {
  interface FastifyInstance {
    /** Closes a connection behind what was written to it, so that its client reads that. */
    lingerOn: (socket: Socket) => void
  }
}

declare module 'node:net' {
  interface Socket {
    [lingers]?: true
  }
}

/**
 * Closes a connection so that its client reads the answer: a socket that is closed with bytes unread sends a reset, and a client
 * that gets one loses what it has not read. So our side ends first, and what the client still sends is passed over until it
 * ends as well, or has sent too much, or takes too long.
 */
export function linger(socket: Socket, { bytes: mostBytes, ms }: LingerLimits, clock: Clock): void {
  if (socket[lingers] || socket.destroyed) return
  socket[lingers] = true
  let bytes = 0
  // The parser of HTTP is left out from here on.
  socket.removeAllListeners('data')
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) socket.destroy()
  })
  socket.on('error', () => {})
  socket.end()
  socket.resume()
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  void clock.sleep(ms, closed.signal).then(() => socket.destroy())
}
