/**
 * The libraries of GraphQL on a bare server: graphql-http for queries of ready-made objects, graphql-ws for subscriptions, whose
 * events all followers get from one loop.
 */
import { createServer } from 'node:http'
import { buildSchema } from 'graphql'
import { createHandler } from 'graphql-http/lib/use/http'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { serveMemory } from '../processes/memory.ts'
import { listen } from '../processes/process.ts'

const schema = buildSchema(`
  type Product { id: Int! name: String! price: Float! }
  type ProductPage { items: [Product!]! total: Int! }
  type ChatMessage { channel: String! sequence: Int! text: String sentAt: Float }
  type ChatAcknowledgement { sequence: Int! }
  input ChatMessageInput { id: String! text: String sentAt: Float }
  type Query { products(limit: Int = 20): ProductPage }
  type Mutation { sendMessage(channel: String!, message: ChatMessageInput!): ChatAcknowledgement }
  type Subscription { messages(channel: String!): ChatMessage }
`)

interface HeardMessage {
  messages: object
}

class RoomListener implements AsyncIterableIterator<HeardMessage> {
  readonly #queue: HeardMessage[] = []
  #wake: ((result: IteratorResult<HeardMessage>) => void) | undefined

  push(heard: HeardMessage): void {
    if (this.#wake === undefined) this.#queue.push(heard)
    else this.#wake({ value: heard, done: false })
    this.#wake = undefined
  }

  next(): Promise<IteratorResult<HeardMessage>> {
    const heard = this.#queue.shift()
    if (heard !== undefined) return Promise.resolve({ value: heard, done: false })
    return new Promise(resolve => (this.#wake = resolve))
  }

  return(): Promise<IteratorResult<HeardMessage>> {
    followers.delete(this)
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

const followers = new Set<RoomListener>()
const items = Array.from({ length: 100 }, (_, id) => ({ id, name: `Product ${id} of the shop`, price: id + 0.99 }))
let sequence = 0

const roots = {
  products: ({ limit }: { limit: number }) => ({ items: items.slice(0, limit), total: items.length }),
  sendMessage({ channel, message }: { channel: string; message: object }) {
    sequence += 1
    const heard = { messages: { ...message, channel, sequence } }
    for (const follower of followers) follower.push(heard)
    return { sequence }
  },
  messages() {
    const follower = new RoomListener()
    followers.add(follower)
    return follower
  },
}

const handler = createHandler({ schema, rootValue: roots })
const server = createServer((request, response) => void handler(request, response))
const sockets = new WebSocketServer({ server, path: '/graphql/subscriptions' })
useServer({ schema, roots: { query: roots, mutation: roots, subscription: roots } }, sockets)
serveMemory()
listen(server)
