import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Exchange } from '../exchange/exchange.ts'
import { ProblemError } from '../exchange/problem.ts'
import { boundsOf, pageOf } from '../http/page.ts'
import { jsonType, routeOf, sendJson, serve } from '../http/serve.ts'
import type { PollAnswer } from '../streams/poll.ts'
import { statsOf, summaryOf } from '../streams/stats.ts'
import type { Streams } from '../streams/streams.ts'
import { ndjson } from '../protocols/ndjson.ts'
import { sse } from '../protocols/sse.ts'
import type { StreamProtocol, StreamProtocolName } from '../protocols/stream-protocol.ts'
import { headers } from '../../contract/headers.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import { channelsOf, checkStreamName, pollQuery, streamQuery } from './stream-query.ts'

const protocols: Readonly<Record<StreamProtocolName, StreamProtocol>> = { sse, ndjson }

export interface StreamRouteDependencies {
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

export function registerStreamRoutes(app: FastifyInstance, { streams }: StreamRouteDependencies): void {
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
    const { filter, group, format, start } = streamQuery(request.query, request.headers, tenant.partitions)
    const protocol = protocols[format]
    if (request.method === 'HEAD') {
      // A stream as the body, because the framework gives every other answer a length, and GET has none.
      return reply.type(protocol.contentType).header('cache-control', 'no-store').send(Readable.from([]))
    }
    const open = () =>
      streams.open({
        exchange,
        tenant,
        streams: names,
        filter,
        group,
        protocol,
        start,
        headers: { ...(reply.getHeaders() as OutgoingHttpHeaders), [headers.requestId]: request.id },
        takeOver: () => reply.hijack().raw,
      })
    if (reply.raw.socket !== null || request.raw.socket.destroyed) open()
    else openInTurn(reply, open)
    return reply
  }
}

/** Lists the streams and their state. A request for a stream that does not exist does not create it. */
function registerStreamStatsRoutes(app: FastifyInstance, { streams }: { streams: Streams }): void {
  serve(app, 'streams.list', ({ exchange, query, url }, reply) => {
    const all = [...streams.tenant(exchange.tenant).streams].sort((a, b) => (a.name < b.name ? -1 : 1))
    const { start, end } = boundsOf(query)
    return reply.send(pageOf(all.slice(start, end).map(summaryOf), all.length, query, url))
  })

  serve(app, 'streams.stats', ({ exchange, params }, reply) => {
    const tenant = streams.tenant(exchange.tenant)
    const name = checkStreamName(params['stream']!)
    const stream = tenant.find(name)
    if (stream === undefined) throw new ProblemError('unknown_stream', `there is no stream ${JSON.stringify(name)} yet`)
    return reply.send(statsOf(tenant, stream))
  })
}

function registerPollRoute(app: FastifyInstance, { streams }: { streams: Streams }): void {
  const { method, path } = operations['streams.poll']
  app.route({
    method,
    url: routeOf(path),
    config: { operation: 'streams.poll' },
    exposeHeadRoute: true,
    handler: poll,
  })

  async function poll(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const exchange = request.exchange as Exchange
    const stream = checkStreamName((request.params as { stream: string }).stream)
    const tenant = streams.tenant(exchange.tenant)
    const { timeoutMs = streams.pollMs, ...query } = pollQuery(request.query, tenant.partitions)
    // It must not take events that it does not carry, and cannot know how long they are.
    if (request.method === 'HEAD') return reply.type(jsonType).send(Readable.from([]))
    const leaving = new AbortController()
    const leave = () => leaving.abort()
    reply.raw.once('close', leave)
    // It left while it was being let in.
    if (reply.raw.destroyed) leave()
    const answer = await streams.poll({ exchange, tenant, stream, ...query, timeoutMs, left: leaving.signal })
    reply.raw.off('close', leave)
    if (answer === undefined) return reply.hijack()
    void reply.header(headers.cursor, answer.cursor)
    const isEmpty = answer.events.length === 0 && answer.reset === undefined
    return isEmpty ? reply.code(204).send() : sendJson(reply, textOf(answer))
  }
}

/** Events are kept as text, and go out as they are kept. */
function textOf({ events, cursor, reset }: PollAnswer): string {
  const list = events.map(({ text }) => text).join(',')
  const told = reset === undefined ? '' : `,"reset":${JSON.stringify(reset)}`
  return `{"events":[${list}],"cursor":"${cursor}"${told}}`
}
