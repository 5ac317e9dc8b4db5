/** Callers of gRPC over bare HTTP/2: a train of unary calls, and followers of one room with a speaker that waits until all have heard. */
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { protoFiles, protoFolder, protoOptions } from '../../contract/grpc/services.ts'
import { sayReady, serveOrders } from '../processes/process.ts'
import type { FollowedReading, FollowersOrder } from './room-followers.ts'

export type GrpcOrder =
  | FollowersOrder
  | { do: 'call'; url: string; seconds: number }
  /** As without `each`, but every follower has a connection of its own. */
  | { do: 'follow'; url: string; followers: number; each: 'connection' }

/** Connections of the train of calls, and calls at once on each. */
const CONNECTIONS = 4
const AT_ONCE = 16
/** Streams of one connection: the usual limit of servers. */
const STREAMS = 90
const PREFIX_BYTES = 5

const definition = loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] })
const encode = (service: string, method: string, message: object) => {
  const { requestSerialize } = (definition[service] as unknown as Record<string, MethodDefinition<object, object>>)[
    method
  ]!
  const bytes = requestSerialize(message)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}
const ask = encode('loadcell.v1.Quotes', 'Get', { symbol: 'NASDAQ:AAPL' })
const join = encode('loadcell.v1.Chat', 'Converse', { join: { channel: 'bench' } })

let sessions: ClientHttp2Session[] = []
let [deliveries, awaited, said, followers] = [0, 0, 0, 0]
let allHeard = () => {}
let speaker: ClientHttp2Stream | undefined

serveOrders(async (order: GrpcOrder): Promise<FollowedReading | null> => {
  if (order.do === 'call') return call(order.url, order.seconds)
  if (order.do === 'follow') {
    while (followers < order.followers) {
      const session = await opened(order.url)
      const count = Math.min('each' in order ? 1 : STREAMS, order.followers - followers)
      await Promise.all(Array.from({ length: count }, () => follow(session)))
      followers += count
    }
    speaker = converse(await opened(order.url), () => {})
    while (!(await heardByAll(1000))) continue
    return null
  }
  if (order.do === 'train') {
    deliveries = 0
    const startedAt = performance.now()
    while (performance.now() - startedAt < order.seconds * 1000) await heardByAll(10_000)
    return { deliveries, seconds: (performance.now() - startedAt) / 1000 }
  }
  for (const session of sessions) session.destroy()
  sessions = []
  followers = 0
  return null
})
sayReady()

async function opened(url: string): Promise<ClientHttp2Session> {
  const session = connect(url)
  session.on('error', () => {})
  sessions.push(session)
  await once(session, 'connect')
  return session
}

function request(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: 'Bearer demo-jwt-token-bench',
  })
  stream.on('error', () => {})
  return stream
}

async function call(url: string, seconds: number): Promise<FollowedReading> {
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  let calls = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const session = await opened(url)
      const train = async () => {
        while (performance.now() < until) {
          const stream = request(session, '/loadcell.v1.Quotes/Get')
          stream.end(ask)
          stream.resume()
          await once(stream, 'close')
          calls += 1
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, train))
      session.destroy()
    }),
  )
  return { deliveries: calls, seconds: (performance.now() - startedAt) / 1000 }
}

async function follow(session: ClientHttp2Session): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isIn = false
  converse(session, () => {
    // The first message is the answer to the join.
    if (!isIn) {
      isIn = true
      return resolve()
    }
    deliveries += 1
    awaited -= 1
    if (awaited === 0) allHeard()
  })
  await promise
}

/** Joins the room, and tells of each message. */
function converse(session: ClientHttp2Session, onMessage: () => void): ClientHttp2Stream {
  const stream = request(session, '/loadcell.v1.Chat/Converse')
  let rest: Buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + rest.readUInt32BE(1)
      if (rest.length < end) return
      rest = rest.subarray(end)
      onMessage()
    }
  })
  stream.write(join)
  return stream
}

/** Says something, and resolves with whether all followers have heard it in time. */
async function heardByAll(withinMs: number): Promise<boolean> {
  awaited = followers
  said += 1
  const heard = new Promise<boolean>(resolve => {
    const timer = setTimeout(() => resolve(false), withinMs)
    allHeard = () => {
      clearTimeout(timer)
      resolve(true)
    }
  })
  speaker?.write(encode('loadcell.v1.Chat', 'Converse', { say: { id: `m-${said}`, text: 'x'.repeat(100) } }))
  return heard
}
