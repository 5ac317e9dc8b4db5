import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { headers } from '../../contract/headers.ts'
import { operations } from '../../contract/operations.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { jsonType, routeOf, sendJson } from '../http/serve.ts'
import type { PollAnswered } from '../streams/poll.ts'
import type { Streams } from '../streams/streams.ts'
import { checkStreamName, pollQuery } from './stream-query.ts'

export function registerPollRoute(app: FastifyInstance, { streams }: { streams: Streams }): void {
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
function textOf({ events, cursor, reset }: PollAnswered): string {
  const list = events.map(({ text }) => text).join(',')
  const told = reset === undefined ? '' : `,"reset":${JSON.stringify(reset)}`
  return `{"events":[${list}],"cursor":"${cursor}"${told}}`
}
