import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  preValidationHookHandler,
} from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { Exchange } from '../exchange/exchange.ts'
import { type Operation, templatesOf } from '../../contract/api/operation.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'

/** A request that fits the schemas of its operation. Query values have the types the schema says; path values are text. */
export type ApiRequest<Name extends KnownOperation> = FastifyRequest<{
  Querystring: QueryOf<(typeof operations)[Name]>
  Body: BodyOf<(typeof operations)[Name]>
  Params: Record<string, string>
}> & { exchange: Exchange }

type QueryOf<O> = O extends { query: infer Q extends TObject } ? Static<Q> : unknown
type BodyOf<O> = O extends { body: { schema: infer B extends TSchema } } ? Static<B> : unknown

/** Serves an operation under all its spellings. Requests that do not fit its schemas never reach the handler. */
export function serve<Name extends KnownOperation>(
  app: FastifyInstance,
  name: Name,
  handler: (request: ApiRequest<Name>, reply: FastifyReply) => unknown,
  config?: FastifyContextConfig,
): void {
  const operation: Operation = operations[name]
  const { method, query, body } = operation
  const bodyOptional = body === undefined || body.required === false
  const preValidation = fillIn(query, bodyOptional && body !== undefined)
  for (const template of templatesOf(operation)) {
    app.route({
      method,
      url: routeOf(template),
      config: { ...config, operation: name, bodyOptional },
      schema: { ...(query && { querystring: query }), ...(body && { body: body.schema }) },
      // Routes that need no hook have none, because every request would pay for it.
      ...(preValidation && { preValidation }),
      handler(request, reply) {
        const result = handler(request as ApiRequest<Name>, reply)
        // A reply is a thenable: Fastify would wait for the end of what has just been sent.
        return result === reply ? undefined : result
      },
    })
  }
}

/** A request that was not checked against the schemas of its operation. */
export type UncheckedRequest = FastifyRequest<{ Params: Record<string, string> }> & { exchange: Exchange }

/** Serves an operation whose handler checks the request itself. */
export function serveUnchecked(
  app: FastifyInstance,
  name: KnownOperation,
  handler: (request: UncheckedRequest, reply: FastifyReply) => unknown,
  config?: FastifyContextConfig,
): void {
  const { method, path } = operations[name]
  app.route({
    method,
    url: routeOf(path),
    config: { ...config, operation: name },
    handler: (request, reply) => handler(request as UncheckedRequest, reply),
  })
}

/** Converts the parts of a request before they are checked against its schemas. */
function fillIn(query: TObject | undefined, emptyBody: boolean): preValidationHookHandler | undefined {
  if (query === undefined && !emptyBody) return undefined
  const readQuery = query && queryReader(query)
  return (request, _reply, done) => {
    if (readQuery) request.query = readQuery(request.query)
    if (emptyBody && request.body === undefined) request.body = {}
    done()
  }
}

/** `/orders/{id}` as the router writes it: `/orders/:id`. */
export function routeOf(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** Returns the id in a path, which is a whole number in its shortest form; undefined for any other text. */
export function idOf(text: string | undefined): number | undefined {
  const id = Number(text)
  return Number.isSafeInteger(id) && id > 0 && String(id) === text ? id : undefined
}

/** Returns a function that converts the text of query parameters to the types of their schema. Other text stays, to be refused. */
function queryReader(schema: TSchema): (query: unknown) => unknown {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {}
  const required = new Set((schema as { required?: string[] }).required)
  const numbers = Object.keys(properties).filter(name => /^(integer|number)$/.test(properties[name]?.type ?? ''))
  const optional = Object.keys(properties).filter(name => !required.has(name))
  return query => {
    const values = query as Record<string, unknown>
    // An empty parameter is treated as omitted.
    for (const name of optional) if (values[name] === '') delete values[name]
    for (const name of numbers) {
      const text = values[name]
      if (typeof text === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) values[name] = Number(text)
    }
    return values
  }
}

export const jsonType = 'application/json; charset=utf-8'

/** Answers with text that is JSON already. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type(jsonType).send(json)
}

/** Returns the path of an item below the requested path, in the same spelling: `/orders/10001` of `/orders?x=1`. */
export function locationOf(url: string, id: number | string): string {
  const queryAt = url.indexOf('?')
  return `${queryAt === -1 ? url : url.slice(0, queryAt)}/${id}`
}
