import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { defaultRun, defaultTenant, headers } from '../../contract/headers.ts'
import { nameRule } from '../../contract/name.ts'
import type { Access } from '../../contract/operation.ts'
import { isCounted, operationNames, operations, type OperationName } from '../../contract/operations.ts'
import type { Guard } from '../auth/guard.ts'
import { nameIn } from '../exchange/key.ts'
import type { Faults } from '../faults/faults.ts'
import type { InjectionParts } from '../faults/request/faulted-exchange.ts'
import { cutByFault } from '../faults/request/reset.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import { hostRefusal } from './host.ts'
import { injectAfter, injectBefore } from './injection.ts'
import { type Limits, uriTooLong } from './refusal.ts'
import { pathOf, queryRefusal } from './request-target.ts'
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

/** Opens the row of a request; the row closes itself with the response. */
export type ExchangeOpener = (request: FastifyRequest, reply: FastifyReply, operationIndex: number) => RequestExchange

type Send = (error: Error | null, payload?: unknown) => void

/** Headers whose values become keys and labels, and so must be names. */
const KEY_HEADERS = [headers.run, headers.tenant, headers.exchange, headers.attempt]

/**
 * Gives every request of an operation its exchange, refuses unusable headers and inadmissible tokens, and closes the row in the
 * ledger when the answer is sent or the client is gone. Routes without an operation are not counted. Call it before any
 * route is registered.
 */
export function receive(app: FastifyInstance, parts: ReceiveParts): void {
  const { lifecycle, timing, injection } = parts
  const { clock } = injection
  app.decorateRequest('exchange', undefined)

  // One hook per route: the facts about a route are looked up once, not for each request.
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
      if (!isCounted(pathOf(request.url))) return refuse(refusal)
      const exchange = openExchange(request, reply, unmatched)
      if (!faults.on || refusal?.code === 'uri_too_long') return refuse(refusal)
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
    // A kept connection would delay the end of the target.
    if (lifecycle.phase === 'stopping') reply.header('connection', 'close')
    if (exchange === undefined) return done(null, payload)
    // Text was created for this answer alone. A buffer belongs to an owner that counts it.
    if (typeof payload === 'string' && payload.length > SMALL_BYTES && !exchange.reserve(payload.length)) {
      if (exchange.isOpen) return done(exchange.memoryRefusal(payload.length))
    }
    const { faulted } = exchange
    if (faulted !== undefined) return injectAfter(faulted, reply, payload, () => begin(exchange, reply), done)
    begin(exchange, reply, now)
    if (payload instanceof Readable) watchHead(exchange, reply, payload)
    done(null, payload)
    exchange.headLeft = hasTaken(reply.raw)
  }

  function begin(exchange: RequestExchange, reply: FastifyReply, now?: number): void {
    exchange.headSent(now)
    if (timing) reply.header('server-timing', serverTiming(exchange))
  }
}

/** Whether the control plane serves this path, on whichever port. */
export function isControlPath(path: string): boolean {
  return path.startsWith('/_loadcell/') || path === '/metrics'
}

function controlElsewhere(path: string): ProblemError | undefined {
  if (!isControlPath(path)) return undefined
  return new ProblemError('control_elsewhere', 'the control plane has a port of its own: that of control.port')
}

function receiver(operation: OperationName, parts: ReceiveParts) {
  const { openExchange, guard, limits, rateLimits, faults, memory } = parts
  // A target that is short of memory is still alive, so health checks are answered.
  const isHealth = operation.startsWith('health.')
  const operationIndex = operationNames.indexOf(operation)
  const isKnown = operation !== 'unmatched'
  const access: Access = operation === 'unmatched' ? { kind: 'public' } : operations[operation].access
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const exchange = openExchange(request, reply, operationIndex)
    if (request.url.length > limits.urlBytes) return done(uriTooLong(limits.urlBytes))
    const refusal = unusable(request)
    if (refusal !== undefined) return done(refusal)
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
    // A refused request draws on the limits too, so that guessing tokens is limited by address.
    if (rateLimits.on && isKnown) refusal = rateLimits.refusalOf(exchange, request.raw, reply) ?? refusal
    done(refusal)
  }
}

export function exchangeOpener(ledger: Ledger, budget: MemoryBudget): ExchangeOpener {
  const memory = budget.table('requests')
  const { stallWatch } = ledger
  // One function for all responses: a closure for each would be garbage.
  function close(this: ServerResponse): void {
    const { req, writableFinished, statusCode } = this
    const exchange = this[onResponse]!
    if (req.socket[onSocket] === exchange) req.socket[onSocket] = undefined
    if (!writableFinished) {
      exchange.onGone?.()
      const status = hasHeadLeft(this, exchange) ? statusCode : 0
      return req.socket[cutByFault] ? exchange.cut(status) : exchange.aborted(status)
    }
    // The framework has measured an answer that it wrote in one piece. Measuring a long one again would be slow.
    if (req.method !== 'HEAD' && !exchange.faulted?.hasOwnBody)
      exchange.bytesOut = Number(exchange.reply?.getHeader('content-length') ?? 0)
    exchange.answered(statusCode)
  }

  return (request, reply, operationIndex) => {
    const { raw: response } = reply
    const { headers: sent, socket } = request.raw
    // A header that is not a name is refused right after this.
    const exchange = new RequestExchange(ledger, ledger.page(nameIn(sent[headers.run]) ?? defaultRun), operationIndex, {
      tenant: nameIn(sent[headers.tenant]) ?? defaultTenant,
      key: nameIn(sent[headers.exchange]),
      memory,
    })
    if (stallWatch.watching) exchange.waitedOutStall = stallWatch.readsHeld(socket)
    if (operationIndex === unmatched) exchange.account.unmatchedPaths.add(request.method, request.url)
    exchange.incoming = request.raw
    exchange.reply = reply
    request.exchange = exchange
    socket[onSocket] = exchange
    response[onResponse] = exchange
    // The only event that comes whether the answer is finished or the client is gone.
    response.on('close', close)
    return exchange
  }
}

/** Whether the client of an unfinished answer may have seen its status. */
function hasHeadLeft(response: ServerResponse, { headLeft }: RequestExchange): boolean {
  if (headLeft || !response.headersSent) return headLeft
  // False if the response never had its turn on the connection, or if its first bytes are still here or were refused.
  const { outputSize } = response as ServerResponse & { outputSize: number }
  const { errored } = response.req.socket as { errored: NodeJS.ErrnoException | null }
  return response.socket !== null && outputSize === 0 && errored?.syscall !== 'write'
}

/**
 * Notes when the network has taken the head of a streamed answer: by its second chunk, it has taken or refused the
 * first.
 */
function watchHead(exchange: RequestExchange, { raw }: FastifyReply, payload: Readable): void {
  payload.on('data', () => {
    exchange.headLeft ||= hasTaken(raw)
  })
}

function hasTaken({ headersSent, socket }: ServerResponse): boolean {
  return headersSent && socket?.errored === null
}

/** Returns the problem with the head of a request, whatever its operation. */
function unusable({ raw, url }: FastifyRequest): ProblemError | undefined {
  const refusal = hostRefusal(raw) ?? queryRefusal(url)
  if (refusal !== undefined) return refusal
  for (const name of KEY_HEADERS) {
    const value = raw.headers[name]
    if (value !== undefined && nameIn(value) === undefined) {
      return new ProblemError(
        'invalid_name',
        `${name}: expected ${nameRule}, got ${JSON.stringify(value.slice(0, 80))}`,
      )
    }
  }
  return undefined
}
