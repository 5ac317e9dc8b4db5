import type { EngineOptions } from '../engine.ts'
import type { SocketOpener } from './pool.ts'

/** All sockets of a thread read into it, one after the other. Nothing of it is kept after the call that passes it on. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Returns a function that opens sockets to one origin. */
export function socketsTo(origin: string, { connector, onConnected }: EngineOptions): SocketOpener {
  // Other sockets read for a proxy or for TLS first, into buffers of their own.
  const isBare = connector.isBare(origin)
  return (receive, done) => {
    const callback = (bytes: number): boolean => {
      receive(readBuffer, 0, bytes)
      return true
    }
    connector.connect(
      origin,
      (...result) => {
        const [error, socket] = result
        if (error !== null) return done(error)
        onConnected?.(result[2])
        if (!isBare) socket.on('data', (chunk: Buffer) => receive(chunk, 0, chunk.length))
        done(null, socket)
      },
      isBare ? { onread: { buffer: readBuffer, callback } } : {},
    )
  }
}
