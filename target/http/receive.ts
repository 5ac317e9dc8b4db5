import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { defaultRun, defaultTenant, headers, keyPattern } from '../../contract/headers.ts'
import type { Access } from '../../contract/operation.ts'
import { operationNames, operations, type OperationName } from '../../contract/operations.ts'
import type { Guard } from '../auth/guard.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { ProblemError } from '../problem.ts'
import { type Limits, uriTooLong } from './refusal.ts'
import { exchangeOf, onSocket, RequestExchange } from './request-exchange.ts'

export interface ReceiveParts {
  ledger: Ledger
  guard: Guard
  lifecycle: Lifecycle
  limits: Limits
}

const usableKey = new RegExp(keyPattern)
/** Headers whose values become keys and labels. */
const KEY_HEADERS = [headers.run, headers.tenant, headers.exchange]

/**
 * Gives every request of an operation its exchange, refuses what has unusable headers or an inadmissible token, and
 * closes the row in the ledger when the answer is out or the client is gone. Routes that name no operation are not
 * counted. Call it before any route is registered.
 */
export function receive(app: FastifyInstance, parts: ReceiveParts): void {
  app.decorateRequest('exchange', undefined)

  // A hook a route, and not one for all: what is known of the route is looked up once, not for each request.
  app.addHook('onRoute', route => {
    const operation = route.config?.operation
    if (operation === undefined) return
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat()
    route.onRequest = [receiver(operation, parts), ...own]
  })

  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done()
    const path = request.url
    if (!isControlPath(path)) openExchange(request, reply, 'unmatched', parts)
    if (path.length > parts.limits.urlBytes) return done(uriTooLong(parts.limits.urlBytes))
    done(new ProblemError('not_found', `nothing is served at ${path.slice(0, 200)}`))
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const exchange = exchangeOf(request)
    if (exchange !== undefined) {
      exchange.headSent()
      if (request.method !== 'HEAD') exchange.bytesOut = payloadBytes(payload)
    }
    reply.header(headers.requestId, request.id)
    // A connection that is kept would keep the target from coming to its end.
    if (parts.lifecycle.phase === 'stopping') reply.header('connection', 'close')
    done(null, payload)
  })
}

/** Answers are written whole: text, bytes, or nothing. Streams count what they send themselves. */
function payloadBytes(payload: unknown): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload)
  return Buffer.isBuffer(payload) ? payload.length : 0
}

export function isControlPath(path: string): boolean {
  return path.startsWith('/_loadcell/')
}

function receiver(operation: OperationName, parts: ReceiveParts) {
  const access: Access = operation === 'unmatched' ? { kind: 'public' } : operations[operation].access
  const { guard, limits } = parts
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const exchange = openExchange(request, reply, operation, parts)
    if (request.url.length > limits.urlBytes) return done(uriTooLong(parts.limits.urlBytes))
    const fault = unusableHeader(request)
    if (fault !== undefined) return done(fault)
    try {
      guard.admit(exchange, request.raw, access)
    } catch (refusal) {
      return done(refusal as Error)
    }
    done()
  }
}

/** Opens the row of a request, and sees to it that it is closed. */
export function openExchange(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  operation: OperationName,
  { ledger, limits }: ReceiveParts,
): RequestExchange {
  const run = raw.headers[headers.run]
  const exchange = new RequestExchange(
    ledger,
    ledger.page(isUsable(run) ? run : defaultRun),
    operationNames.indexOf(operation),
    (raw.headers[headers.tenant] as string | undefined) ?? defaultTenant,
    raw.headers[headers.exchange] as string | undefined,
  )
  reply.request.exchange = exchange
  raw.socket[onSocket] = exchange
  // Not the reply itself: what is sent past it, for as long as it may be, need not keep it.
  const { raw: response } = reply
  // The one event that comes whether the answer was finished or the client is gone.
  response.on('close', () => closeExchange(exchange, response, limits.bodyBytes))
  return exchange
}

function closeExchange(exchange: RequestExchange, response: ServerResponse, bodyLimitBytes: number): void {
  const { req } = response
  if (req.socket[onSocket] === exchange) req.socket[onSocket] = undefined
  if (!response.writableFinished) return exchange.aborted()
  // The body of a request that was refused by its head goes unread; the client has sent it all the same.
  if (exchange.bytesIn === 0) exchange.bytesIn = declaredBytes(req.headers['content-length'], bodyLimitBytes)
  exchange.answered(response.statusCode)
}

/** A body past the limit was refused before it was sent. */
function declaredBytes(contentLength: string | undefined, limitBytes: number): number {
  const bytes = Number(contentLength ?? 0)
  return bytes <= limitBytes ? bytes : 0
}

function unusableHeader({ raw }: FastifyRequest): ProblemError | undefined {
  for (const name of KEY_HEADERS) {
    const value = raw.headers[name]
    if (value !== undefined && !isUsable(value)) {
      const detail = `expected 1…128 letters, digits or ._:~/@+=-, got ${JSON.stringify(String(value).slice(0, 80))}`
      return new ProblemError('invalid_header', `${name}: ${detail}`)
    }
  }
  return undefined
}

function isUsable(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && usableKey.test(value)
}
