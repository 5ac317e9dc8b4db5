/** Many followers of one room over graphql-transport-ws, and one speaker that waits until all have heard the last message. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { sayReady, serveOrders } from '../processes/process.ts'

export type FollowersOrder =
  /** Opens this number of followers, and waits until all hear the speaker. */
  | { do: 'follow'; url: string; followers: number }
  /** Sends messages for this time. */
  | { do: 'train'; seconds: number }
  | { do: 'leave' }

export interface FollowedReading {
  deliveries: number
  seconds: number
}

const TOKEN = 'demo-jwt-token-bench'
const FOLLOW = 'subscription Room { messages(channel: "bench") { channel sequence text sentAt } }'
const SPEAK = 'mutation Say($m: ChatMessageInput!) { sendMessage(channel: "bench", message: $m) { sequence } }'

let [deliveries, awaited] = [0, 0]
let allHeard = () => {}

/** More would overflow the queue of connections of a server. */
const OPENED_AT_ONCE = 50

let sockets: WebSocket[] = []
let speaking: Awaited<ReturnType<typeof speaker>> | undefined

serveOrders(async (order: FollowersOrder): Promise<FollowedReading | null> => {
  if (order.do === 'follow') {
    while (sockets.length < order.followers) {
      const some = Math.min(OPENED_AT_ONCE, order.followers - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length: some }, () => follow(order.url)))))
    }
    speaking = await speaker(order.url)
    // Until every subscription is known to be there.
    while (!(await heardByAll(speaking, 3000))) continue
    return null
  }
  if (order.do === 'train') return train(speaking!, order.seconds)
  for (const socket of sockets) socket.terminate()
  sockets = []
  speaking?.end()
  return null
})
sayReady()

async function train(speak: { say: () => void }, seconds: number): Promise<FollowedReading> {
  deliveries = 0
  const startedAt = performance.now()
  while (performance.now() - startedAt < seconds * 1000) await heardByAll(speak, 10_000)
  return { deliveries, seconds: (performance.now() - startedAt) / 1000 }
}

async function follow(url: string): Promise<WebSocket> {
  const socket = await enter(url)
  socket.on('message', () => {
    deliveries += 1
    awaited -= 1
    if (awaited === 0) allHeard()
  })
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FOLLOW } }))
  return socket
}

async function enter(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql/subscriptions`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN}` } }))
  await once(socket, 'message')
  return socket
}

async function speaker(url: string): Promise<{ say: () => void; end: () => void }> {
  const socket = await enter(url)
  let said = 0
  return {
    say() {
      said += 1
      const variables = { m: { id: `m-${said}`, text: 'x'.repeat(100), sentAt: Date.now() } }
      socket.send(JSON.stringify({ id: `m-${said}`, type: 'subscribe', payload: { query: SPEAK, variables } }))
    },
    end: () => socket.terminate(),
  }
}

/** Says something, and resolves with whether all followers have heard it in time. */
async function heardByAll({ say }: { say: () => void }, withinMs: number): Promise<boolean> {
  awaited = sockets.length
  const heard = new Promise<boolean>(resolve => {
    const timer = setTimeout(() => resolve(false), withinMs)
    allHeard = () => {
      clearTimeout(timer)
      resolve(true)
    }
  })
  say()
  return heard
}
