import type { FastifyInstance, FastifyReply } from 'fastify'
import type { OrderQuery } from '../../contract/api/orders.ts'
import type { Orders } from '../domain/orders/orders.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { ownerOf } from '../exchange/owner.ts'
import { idOf, locationOf, sendJson, serve } from '../http/serve.ts'
import { boundsOf, pageText } from '../http/page.ts'
import type { Once } from '../idempotency/once.ts'
import { ProblemError } from '../exchange/problem.ts'

export function registerOrderRoutes(app: FastifyInstance, orders: Orders, once: Once): void {
  serve(app, 'orders.create', (request, reply) =>
    once.answer(request, reply, () => {
      const { id, json } = orders.place(ownerOf(request.exchange), request.body, request.exchange.bodyText ?? '{}')
      return { status: 201, headers: { location: locationOf(request.url, id) }, body: json }
    }),
  )

  serve(app, 'orders.list', ({ exchange, query, url }, reply) => sendPage(reply, exchange, query, url))
  serve(app, 'users.orders', ({ exchange, query, url }, reply) => sendPage(reply, exchange, query, url))

  serve(app, 'orders.get', ({ exchange, params }, reply) => {
    const id = idOf(params['id'])
    const json = id === undefined ? undefined : orders.find(ownerOf(exchange), id)
    if (json === undefined) throw new ProblemError('not_found', `you have no order ${params['id']?.slice(0, 80)}`)
    return sendJson(reply, json)
  })

  function sendPage(reply: FastifyReply, exchange: Exchange, query: OrderQuery, url: string): FastifyReply {
    const { start, end } = boundsOf(query)
    const { items, total } = orders.list(ownerOf(exchange), query.status, start, end)
    return sendJson(reply, pageText(items, total, query, url))
  }
}
