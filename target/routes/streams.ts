import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ProblemError } from '../exchange/problem.ts'
import { openInTurn } from '../http/open-in-turn.ts'
import { boundsOf, pageOf } from '../http/page.ts'
import { jsonType, sendJson, serve, serveUnchecked, type UncheckedRequest } from '../http/serve.ts'
import type { PollAnswered } from '../streams/poll.ts'
import { statsOf, summaryOf } from '../streams/stats.ts'
import type { Streams } from '../streams/streams.ts'
import { ndjson } from '../protocols/ndjson.ts'
import { sse } from '../protocols/sse.ts'
import type { StreamProtocol, StreamProtocolName } from '../protocols/stream-protocol.ts'
import { headers } from '../../contract/headers.ts'
import { channelsOf, checkStreamName, pollQuery, streamQuery } from './stream-query.ts'

const protocols: Readonly<Record<StreamProtocolName, StreamProtocol>> = { sse, ndjson }

export function registerStreamRoutes(app: FastifyInstance, streams: Streams): void {
  registerStreamStatsRoutes(app, streams)
  registerPollRoute(app, streams)
  serveUnchecked(app, 'streams.notifications', (request, reply) => follow(request, reply, channelsOf(request.query)))
  serveUnchecked(app, 'streams.read', (request, reply) => follow(request, reply, [streamIn(request)]))

  function follow(request: UncheckedRequest, reply: FastifyReply, names: string[]): FastifyReply {
    const { exchange } = request
    const tenant = streams.tenant(exchange.tenant)
    const { filter, group, format, start } = streamQuery(request.query, request.headers, tenant.partitions)
    const protocol = protocols[format]
    if (request.method === 'HEAD') {
      // The body is a stream, because the framework adds a length to all other bodies, and GET has none.
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
    openInTurn(reply, open)
    return reply
  }
}

/** Lists the streams and their state. A request for a stream that does not exist does not create it. */
function registerStreamStatsRoutes(app: FastifyInstance, streams: Streams): void {
  serve(app, 'streams.list', ({ exchange, query, url }, reply) => {
    const all = [...streams.tenant(exchange.tenant).streams].sort((a, b) => (a.name < b.name ? -1 : 1))
    const { start, end } = boundsOf(query)
    return reply.send(pageOf(all.slice(start, end).map(summaryOf), all.length, query, url))
  })

  serve(app, 'streams.stats', (request, reply) => {
    const tenant = streams.tenant(request.exchange.tenant)
    const name = streamIn(request)
    const stream = tenant.find(name)
    if (stream === undefined) throw new ProblemError('unknown_stream', `there is no stream ${JSON.stringify(name)} yet`)
    return reply.send(statsOf(tenant, stream))
  })
}

function registerPollRoute(app: FastifyInstance, streams: Streams): void {
  serveUnchecked(app, 'streams.poll', async (request, reply) => {
    const { exchange } = request
    const stream = streamIn(request)
    const tenant = streams.tenant(exchange.tenant)
    const { timeoutMs = streams.pollMs, ...query } = pollQuery(request.query, tenant.partitions)
    // An answer to HEAD carries no events, so it must take none, and it cannot tell their length.
    if (request.method === 'HEAD') return reply.type(jsonType).send(Readable.from([]))
    const leaving = new AbortController()
    const leave = () => leaving.abort()
    reply.raw.once('close', leave)
    // The client may have left before this listener was added.
    if (reply.raw.destroyed) leave()
    const answer = await streams.poll({ exchange, tenant, stream, ...query, timeoutMs, left: leaving.signal })
    reply.raw.off('close', leave)
    if (answer === undefined) return reply.hijack()
    void reply.header(headers.cursor, answer.cursor)
    const isEmpty = answer.events.length === 0 && answer.reset === undefined
    return isEmpty ? reply.code(204).send() : sendJson(reply, textOf(answer))
  })
}

/** @throws ProblemError invalid_name */
function streamIn({ params }: Pick<UncheckedRequest, 'params'>): string {
  return checkStreamName(params['stream']!)
}

/** Returns the answer as JSON. Events are kept as JSON and sent as they are kept. */
function textOf({ events, cursor, reset }: PollAnswered): string {
  const list = events.map(({ text }) => text).join(',')
  const resetText = reset === undefined ? '' : `,"reset":${JSON.stringify(reset)}`
  return `{"events":[${list}],"cursor":"${cursor}"${resetText}}`
}
