import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { GraphQLSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'

// Its types would add those of browsers to every file, where some differ from those of Node.
const require = createRequire(import.meta.url)
const { createSchema, createYoga } = require('graphql-yoga') as {
  createSchema: (parts: { typeDefs: string; resolvers: object }) => GraphQLSchema
  createYoga: (options: { schema: GraphQLSchema; maskedErrors: boolean; logging: boolean }) => RequestListener
}

/** A GraphQL server of another maker: graphql-yoga over HTTP and server-sent events, graphql-ws over WebSockets. */
export async function foreignGraphql(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const schema = createSchema({
    typeDefs: /* GraphQL */ `
      type Tick { topic: String! sequence: Int! timestamp: Float! }
      type Query { hello(name: String = "you"): String! broken: String }
      type Subscription { ticks(count: Int!, skip: Int): Tick! }
    `,
    resolvers: {
      Query: {
        hello: (_root: unknown, { name }: { name: string }) => `hello ${name}`,
        broken: () => {
          throw new Error('on purpose')
        },
      },
      Subscription: {
        ticks: {
          async *subscribe(_root: unknown, { count, skip }: { count: number; skip?: number }) {
            for (let sequence = 1; sequence <= count; sequence += 1) {
              await Promise.resolve()
              if (sequence !== skip) yield { ticks: { topic: 'clock', sequence, timestamp: Date.now() } }
            }
          },
        },
      },
    },
  })
  const yoga = createYoga({ schema, maskedErrors: false, logging: false })
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.accept}`)
    yoga(request, response)
  })
  const sockets = new WebSocketServer({ server, path: '/graphql' })
  const ended = useServer({ schema }, sockets)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    await ended.dispose()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
