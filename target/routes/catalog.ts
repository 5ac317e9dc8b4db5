import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ProductQuery } from '../../contract/api/catalog.ts'
import type { Catalog } from '../domain/catalog/catalog.ts'
import { BoundedMap } from '../../core/bounded-map.ts'
import { isKnown } from '../http/conditional.ts'
import { idOf, sendJson, serve } from '../http/serve.ts'
import { boundsOf, pageText } from '../http/page.ts'
import { invalidQuery } from '../http/validation.ts'
import { type MemoryBudget, textBytes } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'

export function registerCatalogRoutes(app: FastifyInstance, catalog: Catalog, memory: MemoryBudget): void {
  /** Pages as JSON by URL: products never change, and the first pages are requested again and again. */
  const pages = new BoundedMap<string, string>((text, url) => kept.release(bytesOf(url, text)))
  const kept = memory.table('catalog', () => pages.forgetOldest())

  serve(app, 'products.list', ({ query, url }, reply) => sendPage(reply, query, url))

  serve(app, 'products.search', ({ query, url }, reply) => {
    if (query.q.trim() === '') throw invalidQuery([{ pointer: '/q', detail: 'expected words to look for, got blanks' }])
    return sendPage(reply, query, url)
  })

  serve(app, 'products.get', ({ params, headers }, reply) => {
    const id = idOf(params['id'])
    const text = id === undefined ? undefined : catalog.text(id)
    if (text === undefined) throw new ProblemError('not_found', `there is no product ${params['id']?.slice(0, 80)}`)
    reply.header('etag', text.etag).header('cache-control', CACHE_CONTROL)
    if (isKnown(headers['if-none-match'], text.etag)) return reply.code(304).send()
    return sendJson(reply, text.json)
  })

  const { categories } = catalog
  const categoriesText = JSON.stringify({ items: categories, total: categories.length })
  serve(app, 'categories.list', (_request, reply) => sendJson(reply, categoriesText))

  function sendPage(reply: FastifyReply, query: ProductQuery, url: string): FastifyReply {
    const known = pages.touch(url)
    if (known !== undefined) return sendJson(reply, known)
    const text = writePage(catalog, query, url)
    pages.set(url, text, MOST_PAGES)
    kept.charge(bytesOf(url, text))
    return sendJson(reply, text)
  }
}

/** Estimate for a page without its URL and its text, measured and rounded up. */
const PAGE_BYTES = 250

/** Maximum number of pages that are kept. With 100 products each they take some 30 MB. */
const MOST_PAGES = 1000
/** Products do not change while a target runs, but after a restart it may have others. */
const CACHE_CONTROL = 'public, max-age=60'

/** @throws ProblemError invalid_request */
function writePage(catalog: Catalog, query: ProductQuery, url: string): string {
  const { min_price: least = 0, max_price: most = Infinity } = query
  if (least > most) {
    throw invalidQuery([{ pointer: '/min_price', detail: `expected at most max_price, ${most}, got ${least}` }])
  }
  const { start, end } = boundsOf(query)
  const { items, total } = catalog.page(query, start, end)
  return pageText(items, total, query, url)
}

function bytesOf(url: string, text: string): number {
  return PAGE_BYTES + url.length + textBytes(text)
}
