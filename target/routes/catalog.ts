import type { FastifyInstance } from 'fastify'
import type { Catalog } from '../domain/catalog/catalog.ts'
import { idOf, serve } from '../http/serve.ts'
import { ProblemError } from '../problem.ts'

export function registerCatalogRoutes(app: FastifyInstance, { catalog }: { catalog: Catalog }): void {
  serve(app, 'products.get', ({ params }, reply) => {
    const id = idOf(params['id'])
    const product = id === undefined ? undefined : catalog.product(id)
    if (product === undefined) throw new ProblemError('not_found', `there is no product ${params['id']?.slice(0, 80)}`)
    return reply.send(product)
  })

  const categories = { items: catalog.categories, total: catalog.categories.length }
  serve(app, 'categories.list', (_request, reply) => reply.send(categories))
}
