import type { FastifyInstance } from 'fastify'
import { boundsOf, pageOf } from '../http/page.ts'
import { serve } from '../http/serve.ts'
import { ProblemError } from '../exchange/problem.ts'
import { statsOf, summaryOf } from '../streams/stats.ts'
import type { Streams } from '../streams/streams.ts'
import { checkStreamName } from './stream-query.ts'

/** Lists the streams and their state. A request for a stream that does not exist does not create it. */
export function registerStreamStatsRoutes(app: FastifyInstance, { streams }: { streams: Streams }): void {
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
