/** Connections over TLS that wait: streams over HTTP/1.1 and HTTP/2, and WebSockets in a room. */
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:tls'
import { subscribeAction } from '../wire/message.ts'
import { sayReady, serveOrders } from '../processes/process.ts'
import { maskedFrameOf } from '../wire/socket-frame.ts'
import { sse, type Transport, webSocket } from '../wire/transport.ts'
import { requestOf } from './audience.ts'

export type TlsOrder =
  /** Adds connections up to this number, each of which has its first answer. */
  | { do: 'hold'; connections: number; over: 'https' | 'wss' | 'h2'; url: string; ca: string; token: string }
  | { do: 'leave' }

/** More would overflow the queue of connections of a server. */
const OPENED_AT_ONCE = 50

let held: { destroy(): void }[] = []

serveOrders(async (order: TlsOrder): Promise<null> => {
  if (order.do === 'hold') {
    while (held.length < order.connections) {
      const some = Math.min(OPENED_AT_ONCE, order.connections - held.length)
      held.push(...(await Promise.all(Array.from({ length: some }, () => open(order)))))
    }
    return null
  }
  for (const connection of held) connection.destroy()
  held = []
  return null
})
sayReady()

function open({ over, url, ca, token }: TlsOrder & { do: 'hold' }): Promise<{ destroy(): void }> {
  if (over === 'h2') return openHttp2(url, ca, token)
  return openSocket({ url, token, transport: over === 'wss' ? webSocket : sse }, ca)
}

async function openSocket(place: { url: string; token: string; transport: Transport }, ca: string) {
  const { hostname, port } = new URL(place.url)
  const socket = connect({ host: hostname, port: Number(port), ca, ALPNProtocols: ['http/1.1'] })
  const isSocket = place.transport.name === 'WebSocket'
  socket.write(requestOf(place))
  const [head] = (await once(socket, 'data')) as [Buffer]
  expectIn(head, isSocket ? 'HTTP/1.1 101' : 'HTTP/1.1 200')
  if (isSocket) {
    socket.write(maskedFrameOf(subscribeAction))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expectIn(answer, 'subscription_confirmed')
  }
  socket.on('error', () => {})
  socket.resume()
  return socket
}

async function openHttp2(url: string, ca: string, token: string) {
  const session = connectHttp2(url, { ca })
  const stream = session.request({ ':path': sse.path, authorization: `Bearer ${token}` })
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  if (headers[':status'] !== 200) throw new Error(`expected status 200, got ${String(headers[':status'])}`)
  for (const each of [session, stream]) each.on('error', () => {})
  stream.resume()
  return session
}

function expectIn(bytes: Buffer, words: string): void {
  if (!bytes.includes(words)) throw new Error(`expected ${words}, got ${bytes.toString('latin1')}`)
}
