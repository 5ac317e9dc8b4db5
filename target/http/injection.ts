import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { headers } from '../../contract/headers.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Faults } from '../faults/faults.ts'
import { waitUntil } from '../faults/request/delay.ts'
import {
  FaultedAnswer,
  FaultedExchange,
  type InjectedAnswer,
  type InjectedEnding,
  type InjectionDependencies,
  type OutgoingAnswer,
  type Silence,
} from '../faults/request/faulted-exchange.ts'
import { injectAfterHandler, injectBeforeHandler } from '../faults/request/stages.ts'
import { FaultyBody } from './faulty-body.ts'
import type { PendingHandshakes } from './pending-handshakes.ts'
import { inShape } from './refusal.ts'
import type { RequestExchange } from './request-exchange.ts'

export interface HttpInjectionDependencies extends InjectionDependencies {
  handshakes: PendingHandshakes
}

/**
 * Decides which faults apply to an exchange and injects those before its handler; `proceed` continues with the
 * handler.
 */
export function injectBefore(
  { faults, injection }: { faults: Faults; injection: HttpInjectionDependencies },
  { exchange, request, reply }: { exchange: RequestExchange; request: FastifyRequest; reply: FastifyReply },
  proceed: () => void,
  refuse: HookHandlerDoneFunction,
): void {
  const plan = faults.planOf(faults.subjectOf(exchange, request.raw))
  if (plan === undefined) return proceed()
  const faulted = new FaultedExchange(plan, exchange, injection)
  exchange.faulted = faulted
  exchange.handlerStartedAt = undefined
  const inject = () => injectBeforeHandler(faulted)
  const end = (ending: InjectedEnding | undefined) => {
    if (ending === undefined) {
      exchange.handlerStartedAt = injection.clock.now()
      return proceed()
    }
    if (typeof ending === 'string') return faulted.end(ending)
    if (ending instanceof ProblemError) return refuse(ending)
    const { status, headers: own, mediaType, body } = inShape(reply, ending)
    return void reply.code(status).headers(own).type(mediaType).send(body)
  }
  settle(() => (exchange.isHandshake ? injection.handshakes.hold(exchange, inject) : inject()), end, refuse)
}

/** Calls `use` with the outcome of the faults: at once, unless they take time. Calls `fail` if either throws. */
function settle<Outcome>(
  inject: () => Outcome | Promise<Outcome>,
  use: (outcome: Outcome) => void,
  fail: (error: Error) => void,
): void {
  try {
    const outcome = inject()
    if (outcome instanceof Promise) outcome.then(use).catch((error: unknown) => fail(error as Error))
    else use(outcome)
  } catch (error) {
    fail(error as Error)
  }
}

/** Sends an answer as its faults demand, or not at all. Calls `begin` with its body when the head is due. */
export function injectAfter(
  faulted: FaultedExchange,
  { reply, payload }: { reply: FastifyReply; payload: unknown },
  begin: (body: unknown) => void,
  send: (error: Error | null, payload?: unknown) => void,
): void {
  const answer = new FaultedAnswer(payload, new ReplyAnswer(reply))
  const end = (silence: Silence | undefined) => {
    // A stream that is not sent must not go on.
    if (payload instanceof Readable && (silence !== undefined || answer.payload !== payload)) payload.destroy()
    if (silence !== undefined) return faulted.end(silence)
    const body = bodyOf(faulted, answer, reply)
    begin(body)
    send(null, body)
  }
  settle(() => injectAfterHandler(faulted, answer), end, send)
}

/** Returns the body to send: the handler's, or a `FaultyBody` if a fault acts on it. */
function bodyOf(faulted: FaultedExchange, answer: FaultedAnswer, reply: FastifyReply): unknown {
  const { payload, end, dribble, betweenChunks } = answer
  const body = payload instanceof Readable ? payload : answer.bytes
  if (!answer.hasFaultyBody || body === undefined || reply.request.method === 'HEAD') return payload
  if (end?.how === 'end' && reply.raw.req.httpVersionMajor < 2) reply.header('connection', 'close')
  if (Buffer.isBuffer(body)) reply.header('content-length', end?.how === 'end' ? end.afterBytes : body.length)
  faulted.hasOwnBody = true
  const { exchange, dependencies } = faulted
  return new FaultyBody({
    body,
    exchange: exchange as RequestExchange,
    end,
    betweenChunks: betweenChunks.length === 0 ? undefined : () => answer.delayChunk(),
    dribble,
    waitUntil: dueAt => waitUntil(dueAt, exchange, dependencies.delays),
  })
}

/** Headers that every answer keeps, whatever happens to it. */
const KEPT: readonly string[] = [headers.requestId, 'connection']

/**
 * The answer of a reply. A class, because an object literal with getters has a hidden class of its own, which lives in the old generation: until
 * the next full collection it would keep everything that its getters refer to, which is the whole exchange.
 */
class ReplyAnswer implements OutgoingAnswer {
  readonly #reply: FastifyReply

  constructor(reply: FastifyReply) {
    this.#reply = reply
  }

  get codec() {
    return this.#reply.request.routeOptions.config.answerCodec
  }

  get contentType() {
    return this.#reply.getHeader('content-type')?.toString()
  }

  replace(injected: InjectedAnswer) {
    const reply = this.#reply
    const { status, headers: own, mediaType, body } = inShape(reply, injected)
    for (const name of Object.keys(reply.getHeaders())) if (!KEPT.includes(name)) reply.removeHeader(name)
    void reply.code(status).headers(own).type(mediaType)
    return body
  }

  setHeader(name: string, value: string) {
    void this.#reply.header(name, value)
  }
}
