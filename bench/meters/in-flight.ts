/** Many connections with one request in flight on each. They parse nothing: the first byte counts as the answer. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { sayReady, serveOrders } from '../processes/process.ts'

export type InFlightOrder =
  | { do: 'open'; url: string; connections: number }
  /** Sends one request on every connection; answered once all are written. */
  | { do: 'send'; path: string }
  /** Waits for the answers; answered once every connection has one. */
  | { do: 'await' }

/** Connections that are opened at a time: more would overflow the server's backlog. */
const BATCH = 200

const sockets: Socket[] = []
let answers: Promise<unknown> = Promise.resolve()

serveOrders(async (order: InFlightOrder): Promise<null> => {
  if (order.do === 'open') await open(order.url, order.connections)
  else if (order.do === 'send') await send(order.path)
  else await answers
  return null
})
sayReady()

async function open(url: string, connections: number): Promise<void> {
  const { hostname, port } = new URL(url)
  while (sockets.length < connections) {
    const batch = Array.from({ length: Math.min(BATCH, connections - sockets.length) }, () =>
      connect({ host: hostname, port: Number(port) }),
    )
    await Promise.all(batch.map(socket => once(socket, 'connect')))
    sockets.push(...batch)
  }
}

async function send(path: string): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  answers = Promise.all(sockets.map(socket => once(socket, 'data')))
  await Promise.all(sockets.map(socket => new Promise(resolve => socket.write(request, resolve))))
}
