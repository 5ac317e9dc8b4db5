import type { FastifyReply } from 'fastify'
import { http2StreamOf, NO_ERROR } from '../../http/http2-exchange.ts'
import { exchangeOf } from '../../http/request-exchange.ts'
import { statusSentBy } from './trailers.ts'

const counted = new WeakSet<FastifyReply['raw']>()

/** Counts the status of a call once all of its answer has left. */
export function countStatus({ raw, request }: FastifyReply): void {
  if (counted.has(raw)) return
  counted.add(raw)
  const exchange = exchangeOf(request)
  raw.once('close', () => {
    const stream = http2StreamOf(raw)
    const status = statusSentBy(raw)
    if (exchange === undefined || status === undefined || stream?.rstCode !== NO_ERROR || stream.aborted) return
    exchange.account.grpc.ended(exchange.operation, status)
  })
}
