/** Many connections with one request under way on each, all at once. They parse nothing: an answer is what begins to come. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { sayReady, serveOrders } from '../process.ts'

export type InFlightOrder =
  | { do: 'open'; url: string; connections: number }
  /** One request on every connection; answered once all are written. */
  | { do: 'send'; path: string }
  /** Answered once every connection has its answer. */
  | { do: 'await' }

/** Connections that are made at once: more would overrun the server's backlog. */
const BATCH = 200

const sockets: Socket[] = []
let answers: Promise<unknown> = Promise.resolve()

serveOrders(async (order: InFlightOrder): Promise<null> => {
  if (order.do === 'open') await open(order.url, order.connections)
  else if (order.do === 'send') await send(order.path)
  else await answers
  return null
})
sayReady('idle')

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
