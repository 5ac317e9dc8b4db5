import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { defaultRun, defaultTenant, headers, keyPattern } from '../../contract/headers.ts'
import type { Access } from '../../contract/operation.ts'
import { isCounted, operationNames, operations, type OperationName } from '../../contract/operations.ts'
import type { Guard } from '../auth/guard.ts'
import type { Faults } from '../faults/faults.ts'
import type { InjectionParts } from '../faults/request/faulted-exchange.ts'
import { cutByFault } from '../faults/request/reset.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { ProblemError } from '../problem.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import { injectAfter, injectBefore } from './injection.ts'
import { type Limits, uriTooLong } from './refusal.ts'
import { exchangeOf, onResponse, onSocket, RequestExchange, SMALL_BYTES, unmatched } from './request-exchange.ts'
import { serverTiming } from './server-timing.ts'
import { isUnread, keepConnection, sendBehindBody, type UnreadBodyParts } from './unread-body.ts'
import { refuseUnknownPaths } from './unknown-paths.ts'

export interface ReceiveParts {
  openExchange: ExchangeOpener
  guard: Guard
  rateLimits: RateLimits
  lifecycle: Lifecycle
  faults: Faults
  injection: InjectionParts
  limits: Limits
  memory: MemoryBudget
  unreadBodies: UnreadBodyParts
  /** Whether answers say where their time went. */
  timing: boolean
  /** The control plane listens elsewhere. */
  hasOwnControlPort: boolean
}

/** Opens the row of a request, and sees to it that it is closed. */
export type ExchangeOpener = (request: FastifyRequest, reply: FastifyReply, operationIndex: number) => RequestExchange

type Send = (error: Error | null, payload?: unknown) => void

const usableKey = new RegExp(keyPattern)
/** Headers whose values become keys and labels. */
const KEY_HEADERS = [headers.run, headers.tenant, headers.exchange, headers.attempt]

/**
 * Gives every request of an operation its exchange, refuses what has unusable headers or an inadmissible token, and
 * closes the row in the ledger when the answer is out or the client is gone. Routes that name no operation are not
 * counted. Call it before any route is registered.
 */
export function receive(app: FastifyInstance, parts: ReceiveParts): void {
  const { lifecycle, timing, injection } = parts
  const { clock } = injection
  app.decorateRequest('exchange', undefined)

  // A hook a route, and not one for all: what is known of the route is looked up once, not for each request.
  app.addHook('onRoute', route => {
    const operation = route.config?.operation
    if (operation === undefined) return
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat()
    route.onRequest = [receiver(operation, parts), ...own]
  })

  const { openExchange, limits, faults } = parts
  refuseUnknownPaths(app, {
    limits,
    ...(parts.hasOwnControlPort && { elsewhere: controlElsewhere }),
    meet(request, reply, refusal, refuse) {
      if (!isCounted(request.url.split('?', 1)[0]!)) return refuse(refusal)
      const exchange = openExchange(request, reply, unmatched)
      if (!faults.on || refusal.code === 'uri_too_long') return refuse(refusal)
      injectBefore(parts, { exchange, request, reply }, () => refuse(refusal), refuse)
    },
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header(headers.requestId, request.id)
    const exchange = exchangeOf(request)
    const now = clock.now()
    exchange?.handled(now)
    if (reply.statusCode >= 400) keepConnection(reply)
    if (!isUnread(request.raw)) return answer(exchange, reply, payload, done, now)
    sendBehindBody(request, reply, parts.unreadBodies, () => answer(exchange, reply, payload, done))
  })

  function answer(
    exchange: RequestExchange | undefined,
    reply: FastifyReply,
    payload: unknown,
    done: Send,
    now?: number,
  ): void {
    // A connection that is kept would keep the target from coming to its end.
    if (lifecycle.phase === 'stopping') reply.header('connection', 'close')
    if (exchange === undefined) return done(null, payload)
    // Text was written for this answer alone; a buffer is somebody's who keeps it.
    if (typeof payload === 'string' && payload.length > SMALL_BYTES && !exchange.reserve(payload.length)) {
      if (exchange.isOpen) return done(parts.memory.refusal(payload.length))
    }
    const { faulted } = exchange
    if (faulted !== undefined) return injectAfter(faulted, reply, payload, () => begin(exchange, reply), done)
    begin(exchange, reply, now)
    done(null, payload)
  }

  function begin(exchange: RequestExchange, reply: FastifyReply, now?: number): void {
    exchange.headSent(now)
    if (timing) reply.header('server-timing', serverTiming(exchange))
  }
}

/** What the control plane serves, wherever it listens. */
export function isControlPath(path: string): boolean {
  return path.startsWith('/_loadcell/') || path === '/metrics'
}

function controlElsewhere(path: string): ProblemError | undefined {
  if (!isControlPath(path)) return undefined
  return new ProblemError('control_elsewhere', 'the control plane has a port of its own: that of control.port')
}

function receiver(operation: OperationName, parts: ReceiveParts) {
  const { openExchange, guard, limits, rateLimits, faults, memory } = parts
  // A target that is short of memory is alive, and says so.
  const isHealth = operation.startsWith('health.')
  const operationIndex = operationNames.indexOf(operation)
  const isKnown = operation !== 'unmatched'
  const access: Access = operation === 'unmatched' ? { kind: 'public' } : operations[operation].access
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const exchange = openExchange(request, reply, operationIndex)
    if (request.url.length > limits.urlBytes) return done(uriTooLong(limits.urlBytes))
    const fault = unusableHeader(request)
    if (fault !== undefined) return done(fault)
    if (memory.isSpent && !isHealth) return done(memory.refusal(0))
    if (!faults.on) return admit(exchange, request, reply, done)
    injectBefore(parts, { exchange, request, reply }, () => admit(exchange, request, reply, done), done)
  }

  function admit(
    exchange: RequestExchange,
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction,
  ): void {
    let refusal: Error | undefined
    try {
      guard.admit(exchange, request.raw, access)
    } catch (error) {
      refusal = error as Error
    }
    // Who was refused draws on its limits as well: guessing tokens is limited by address.
    if (rateLimits.on && isKnown) refusal = rateLimits.refusalOf(exchange, request.raw, reply) ?? refusal
    done(refusal)
  }
}

export function exchangeOpener(ledger: Ledger, budget: MemoryBudget): ExchangeOpener {
  const memory = budget.table('requests')
  const { stallWatch } = ledger
  // One function for all answers, which finds the exchange by its answer: a closure each would be one more thing to collect.
  function close(this: ServerResponse): void {
    const { req, writableFinished, statusCode } = this
    const exchange = this[onResponse]!
    if (req.socket[onSocket] === exchange) req.socket[onSocket] = undefined
    if (!writableFinished) {
      exchange.onGone?.()
      const status = this.headersSent ? statusCode : 0
      return req.socket[cutByFault] ? exchange.cut(status) : exchange.aborted(status)
    }
    // The framework has counted an answer that it wrote whole; counting a long one again would be felt.
    if (req.method !== 'HEAD' && !exchange.faulted?.hasOwnBody)
      exchange.bytesOut = Number(exchange.reply?.getHeader('content-length') ?? 0)
    exchange.answered(statusCode)
  }

  return (request, reply, operationIndex) => {
    const { raw: response } = reply
    const { headers: sent, socket } = request.raw
    const run = sent[headers.run]
    const exchange = new RequestExchange(ledger, ledger.page(isUsable(run) ? run : defaultRun), operationIndex, {
      tenant: (sent[headers.tenant] as string | undefined) ?? defaultTenant,
      key: sent[headers.exchange] as string | undefined,
      memory,
    })
    if (stallWatch.watching) exchange.waitedOutStall = stallWatch.readsHeld(socket)
    exchange.incoming = request.raw
    exchange.reply = reply
    request.exchange = exchange
    socket[onSocket] = exchange
    response[onResponse] = exchange
    // The one event that comes whether the answer was finished or the client is gone.
    response.on('close', close)
    return exchange
  }
}

function unusableHeader({ raw }: FastifyRequest): ProblemError | undefined {
  if (raw.headers.host === undefined && raw.httpVersionMinor > 0) {
    return new ProblemError('invalid_header', 'host: expected one, as HTTP/1.1 demands, got none')
  }
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
