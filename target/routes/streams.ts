import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { headers } from '../../contract/headers.ts'
import { type KnownOperation, operations } from '../../contract/operations.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { routeOf } from '../http/serve.ts'
import type { Streams } from '../streams/streams.ts'
import { formats } from '../transport/format.ts'
import { registerPollRoute } from './stream-poll.ts'
import { channelsOf, checkStreamName, streamQuery } from './stream-query.ts'
import { registerStreamStatsRoutes } from './stream-stats.ts'

export interface StreamRouteParts {
  streams: Streams
}

/** Opens a stream once what its client asked for before on this connection is answered. */
function openInTurn(reply: FastifyReply, open: () => void): void {
  // Node hands the connection over in the middle of its own work.
  reply.raw.once('socket', () =>
    queueMicrotask(() => {
      try {
        open()
      } catch (error) {
        void reply.send(error)
      }
    }),
  )
}

export function registerStreamRoutes(app: FastifyInstance, { streams }: StreamRouteParts): void {
  registerStreamStatsRoutes(app, { streams })
  registerPollRoute(app, { streams })
  route('streams.notifications', ({ query }) => channelsOf(query))
  route('streams.read', ({ params }) => [checkStreamName((params as { stream: string }).stream)])

  function route(operation: KnownOperation, namesOf: (request: FastifyRequest) => string[]): void {
    const { method, path } = operations[operation]
    app.route({
      method,
      url: routeOf(path),
      config: { operation },
      exposeHeadRoute: true,
      handler: (request, reply) => follow(request, reply, namesOf(request)),
    })
  }

  function follow(request: FastifyRequest, reply: FastifyReply, names: string[]): FastifyReply {
    const exchange = request.exchange as Exchange
    const tenant = streams.tenant(exchange.tenant)
    const { filter, group, format: formatName, start } = streamQuery(request.query, request.headers, tenant.partitions)
    const format = formats[formatName]
    if (request.method === 'HEAD') {
      // A stream as the body, because the framework gives every other answer a length, and GET has none.
      return reply.type(format.contentType).header('cache-control', 'no-store').send(Readable.from([]))
    }
    const open = () =>
      streams.open({
        exchange,
        tenant,
        streams: names,
        filter,
        group,
        format,
        start,
        headers: { ...(reply.getHeaders() as OutgoingHttpHeaders), [headers.requestId]: request.id },
        takeOver: () => reply.hijack().raw,
      })
    if (reply.raw.socket !== null || request.raw.socket.destroyed) open()
    else openInTurn(reply, open)
    return reply
  }
}
