import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { headers } from '../../contract/headers.ts'
import { nameRule } from '../../contract/name.ts'
import type { Access } from '../../contract/api/operation.ts'
import { isCounted, operationNames, operations, type OperationName } from '../../contract/api/operations.ts'
import type { Guard } from '../auth/guard.ts'
import { nameIn } from '../exchange/key.ts'
import type { Faults } from '../faults/faults.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import { headerListRefusal } from './header-list.ts'
import { headRefusal, isControlPath, pathOf, queryRefusal } from './request-target.ts'
import { type HttpInjectionDependencies, injectBefore } from './injection.ts'
import { type Limits, uriTooLong } from './refusal.ts'
import type { ExchangeOpener } from './exchange-opener.ts'
import { type RequestExchange, unmatched } from './request-exchange.ts'
import { refuseUnknownPaths } from './unmatched.ts'
import { quotedStart } from '../../core/quoted-start.ts'

export interface ReceiveDependencies {
  openExchange: ExchangeOpener
  guard: Guard
  rateLimits: RateLimits
  faults: Faults
  injection: HttpInjectionDependencies
  limits: Limits & { headerBytes: number }
  memory: MemoryBudget
  /** Whether the control plane has a listener of its own. */
  hasOwnControlPort: boolean
}

/** Headers whose values become keys and labels, and so must be names. */
const KEY_HEADERS = [headers.run, headers.tenant, headers.exchange, headers.attempt]

/**
 * Gives every request of an operation its exchange, and refuses unusable headers, inadmissible tokens and requests beyond the
 * rate limits. Routes without an operation are not counted. Call it before any route is registered.
 */
export function receive(app: FastifyInstance, dependencies: ReceiveDependencies): void {
  app.decorateRequest('exchange', undefined)

  // One hook per route: the facts about a route are looked up once, not for each request.
  app.addHook('onRoute', route => {
    const operation = route.config?.operation
    if (operation === undefined) return
    const own = route.onRequest === undefined ? [] : [route.onRequest].flat()
    route.onRequest = [receiver(operation, dependencies), ...own]
  })

  const { openExchange, limits, faults } = dependencies
  refuseUnknownPaths(app, {
    limits,
    ...(dependencies.hasOwnControlPort && { elsewhere: controlElsewhere }),
    meet(request, reply, refusal, refuse) {
      if (!isCounted(pathOf(request.url))) return refuse(refusal)
      const exchange = openExchange(request, reply, unmatched)
      if (!faults.on || refusal?.code === 'uri_too_long') return refuse(refusal)
      injectBefore(dependencies, { exchange, request, reply }, () => refuse(refusal), refuse)
    },
  })
}

function controlElsewhere(path: string): ProblemError | undefined {
  if (!isControlPath(path)) return undefined
  return new ProblemError('control_elsewhere', 'the control plane listens on its own port (control.port)')
}

function receiver(operation: OperationName, dependencies: ReceiveDependencies) {
  const { openExchange, guard, limits, rateLimits, faults, memory } = dependencies
  // A target that is short of memory is still alive, so health checks are answered.
  const isHealth = operation.startsWith('health.')
  const operationIndex = operationNames.indexOf(operation)
  const isKnown = operation !== 'unmatched'
  const access: Access = operation === 'unmatched' ? { kind: 'public' } : operations[operation].access
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const exchange = openExchange(request, reply, operationIndex)
    if (request.url.length > limits.urlBytes) return done(uriTooLong(limits.urlBytes))
    const refusal = unusable(request) ?? headerListRefusal(request.raw, limits.headerBytes)
    if (refusal !== undefined) return done(refusal)
    if (memory.isSpent && !isHealth) return done(memory.refusal(0))
    if (!faults.on) return admit(exchange, request, reply, done)
    injectBefore(dependencies, { exchange, request, reply }, () => admit(exchange, request, reply, done), done)
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

/** Returns the problem with the head of a request, whatever its operation. */
function unusable({ raw, url }: FastifyRequest): ProblemError | undefined {
  const refusal = headRefusal(raw) ?? queryRefusal(url)
  if (refusal !== undefined) return refusal
  for (const name of KEY_HEADERS) {
    const value = raw.headers[name]
    if (value !== undefined && nameIn(value) === undefined) {
      return new ProblemError('invalid_name', `${name}: expected ${nameRule}, got ${quotedStart(String(value))}`)
    }
  }
  return undefined
}
