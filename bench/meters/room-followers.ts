import type { WebSocket } from 'ws'
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

/** How a protocol over WebSockets enters a server, follows a room there, and speaks in it. */
interface RoomProtocol {
  enter: (url: string) => Promise<WebSocket>
  /** Follows the room, and calls `heard` for each message. */
  follow: (socket: WebSocket, heard: () => void) => Promise<void>
  say: (speaker: WebSocket, ordinal: number) => void
}

/** More would overflow the queue of connections of a server. */
const OPENED_AT_ONCE = 50

/** Serves orders to many followers of one room, and to one speaker that waits until all have heard the last message. */
export function serveRoomFollowers({ enter, follow, say }: RoomProtocol): void {
  let [deliveries, awaited, said] = [0, 0, 0]
  let allHeard = () => {}
  let sockets: WebSocket[] = []
  let speaker: WebSocket | undefined

  serveOrders(async (order: FollowersOrder): Promise<FollowedReading | null> => {
    if (order.do === 'follow') {
      while (sockets.length < order.followers) {
        const some = Math.min(OPENED_AT_ONCE, order.followers - sockets.length)
        sockets.push(...(await Promise.all(Array.from({ length: some }, () => join(order.url)))))
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

  async function join(url: string): Promise<WebSocket> {
    const socket = await enter(url)
    await follow(socket, () => {
      deliveries += 1
      awaited -= 1
      if (awaited === 0) allHeard()
    })
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
    if (speaker !== undefined) say(speaker, said)
    return heard
  }
}
