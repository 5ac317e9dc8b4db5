import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../../../../core/clock.ts'
import { dial, dialAddress } from '../dial.ts'
import type { OpenSocket, Receive } from './pool.ts'

interface SocketOptions {
  clock: Clock
  origin: URL
  /** Limit of the whole of it: the name, the connection and the handshake of TLS. */
  connectWithinMs: number
  /** Told how long it took. */
  onConnected: (tookMs: number) => void
}

/** All sockets of a thread read into it, one after the other. Nothing of it is kept after the call that passes it on. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Returns a function that opens sockets to one origin. */
export function socketsTo({ clock, origin, connectWithinMs, onConnected }: SocketOptions): OpenSocket {
  const isSecure = origin.protocol === 'https:'
  const host = origin.hostname.replaceAll(/[[\]]/g, '')
  const port = Number(origin.port || (isSecure ? 443 : 80))
  return (receive, done) => {
    const askedAt = clock.now()
    const opened = (error: Error | null, socket?: Socket): void => {
      if (socket !== undefined) onConnected(clock.now() - askedAt)
      done(error, socket)
    }
    const onread = isSecure ? undefined : reading(receive)
    const connect = isIP(host) === 0 ? dial : dialAddress
    connect({ clock, host, port, timeoutMs: connectWithinMs, onread }, (error, socket) => {
      if (socket === undefined || !isSecure) return opened(error, socket)
      const leftMs = connectWithinMs - (clock.now() - askedAt)
      secure(socket, host, { clock, leftMs, receive }, opened)
    })
  }
}

function reading(receive: Receive): { buffer: Buffer; callback: (bytes: number) => boolean } {
  return {
    buffer: readBuffer,
    callback(bytes) {
      receive(readBuffer, 0, bytes)
      return true
    },
  }
}

function secure(
  tcp: Socket,
  host: string,
  { clock, leftMs, receive }: { clock: Clock; leftMs: number; receive: Receive },
  done: (error: Error | null, socket?: Socket) => void,
): void {
  const over = new AbortController()
  const socket = connectTls({
    socket: tcp,
    host,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
  })
  const settle = (error: Error | null): void => {
    if (over.signal.aborted) return
    over.abort()
    if (error === null) return done(null, socket)
    socket.destroy()
    done(error)
  }
  socket.on('data', (chunk: Buffer) => receive(chunk, 0, chunk.length))
  socket.once('error', settle)
  socket.once('close', () => settle(new Error('the server closed the connection within the handshake of TLS')))
  socket.once('secureConnect', () => settle(null))
  void clock.sleep(leftMs, over.signal).then(() => {
    if (!over.signal.aborted) settle(handshakeTimedOut(host))
  })
}

function handshakeTimedOut(host: string): Error {
  return Object.assign(new Error(`no handshake of TLS with ${host} in time`), { code: 'ETIMEDOUT' })
}
