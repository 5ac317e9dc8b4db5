/** Many followers of one room over Socket.IO, and one speaker that waits until all have heard the last message. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { connectPacket, emitPacket } from '../../contract/socketio/packet.ts'
import { sayReady, serveOrders } from '../process.ts'
import type { FollowedReading, FollowersOrder } from './graphql-followers.ts'

const TOKEN = 'demo-jwt-token-bench'
const [NAMESPACE, ROOM] = ['/chat', 'bench']
/** More would overflow the queue of connections of a server. */
const OPENED_AT_ONCE = 50

let [deliveries, awaited, said] = [0, 0, 0]
let allHeard = () => {}
let sockets: WebSocket[] = []
let speaker: WebSocket | undefined

serveOrders(async (order: FollowersOrder): Promise<FollowedReading | null> => {
  if (order.do === 'follow') {
    while (sockets.length < order.followers) {
      const some = Math.min(OPENED_AT_ONCE, order.followers - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length: some }, () => follow(order.url)))))
    }
    speaker = await enter(order.url)
    // Until every follower is known to be there.
    while (!(await heardByAll(1000))) continue
    return null
  }
  if (order.do === 'train') return train(order.seconds)
  for (const socket of [...sockets, speaker]) socket?.terminate()
  sockets = []
  return null
})
sayReady()

async function train(seconds: number): Promise<FollowedReading> {
  deliveries = 0
  const startedAt = performance.now()
  while (performance.now() - startedAt < seconds * 1000) await heardByAll(10_000)
  return { deliveries, seconds: (performance.now() - startedAt) / 1000 }
}

async function follow(url: string): Promise<WebSocket> {
  const socket = await enter(url)
  socket.send(emitPacket(NAMESPACE, 'subscribe', [{ channel: ROOM }], 1))
  await once(socket, 'message')
  socket.on('message', (data: Buffer) => {
    // Pings are not heard.
    if (data.length < 2) return socket.send('3')
    deliveries += 1
    awaited -= 1
    if (awaited === 0) allHeard()
  })
  return socket
}

async function enter(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
  await once(socket, 'message')
  socket.send(connectPacket(NAMESPACE, { token: TOKEN }))
  await once(socket, 'message')
  return socket
}

/** Says something, and resolves with whether all followers have heard it in time. */
async function heardByAll(withinMs: number): Promise<boolean> {
  awaited = sockets.length
  said += 1
  const heard = new Promise<boolean>(resolve => {
    const timer = setTimeout(() => resolve(false), withinMs)
    allHeard = () => {
      clearTimeout(timer)
      resolve(true)
    }
  })
  const message = { id: `m-${said}`, text: 'x'.repeat(100), sentAt: Date.now() }
  speaker?.send(emitPacket(NAMESPACE, 'publish', [{ channel: ROOM, message }], said))
  return heard
}
