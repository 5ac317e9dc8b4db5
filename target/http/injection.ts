import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { headers } from '../../contract/headers.ts'
import type { Faults } from '../faults/faults.ts'
import type { InjectedAnswer } from '../faults/request/ending.ts'
import { FaultedExchange, type InjectionParts, type OutgoingAnswer } from '../faults/request/faulted-exchange.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { RequestExchange } from './request-exchange.ts'

/**
 * Decides which faults apply to an exchange and carries out those before its handler; `proceed` continues with the
 * handler.
 */
export function injectBefore(
  { faults, injection }: { faults: Faults; injection: InjectionParts },
  { exchange, request, reply }: { exchange: RequestExchange; request: FastifyRequest; reply: FastifyReply },
  proceed: () => void,
  refuse: HookHandlerDoneFunction,
): void {
  const plan = faults.planOf(faults.subjectOf(exchange, request.raw))
  if (plan === undefined) return proceed()
  const faulted = new FaultedExchange(plan, exchange, request.raw, injection)
  exchange.faulted = faulted
  exchange.handlerStartedAt = undefined
  faulted
    .approach()
    .then(passage => {
      if (passage === 'passes') {
        exchange.handlerStartedAt = injection.clock.now()
        return proceed()
      }
      if (passage === 'gone') return undefined
      if (passage === 'hang') return faulted.hang()
      if (passage === 'reset') return faulted.reset()
      if (passage instanceof ProblemError) return refuse(passage)
      const { status, headers: own, mediaType, body } = passage
      return void reply.code(status).headers(own).type(mediaType).send(body)
    })
    .catch((error: unknown) => refuse(error as Error))
}

/** Sends an answer as its faults demand, or not at all. Calls `begin` when the head is due. */
export function injectAfter(
  faulted: FaultedExchange,
  reply: FastifyReply,
  payload: unknown,
  begin: () => void,
  send: (error: Error | null, payload?: unknown) => void,
): void {
  faulted
    .answer(payload, outgoing(reply))
    .then(answer => {
      if (answer === undefined) return
      begin()
      send(null, answer.payload)
    })
    .catch((error: unknown) => send(error as Error))
}

/** Headers that every answer keeps, whatever happens to it. */
const KEPT: readonly string[] = [headers.requestId, 'connection']

function outgoing(reply: FastifyReply): OutgoingAnswer {
  return {
    get contentType() {
      return reply.getHeader('content-type')?.toString()
    },
    replace({ status, headers: own, mediaType }: InjectedAnswer) {
      for (const name of Object.keys(reply.getHeaders())) if (!KEPT.includes(name)) reply.removeHeader(name)
      void reply.code(status).headers(own).type(mediaType)
    },
    setHeader: (name, value) => void reply.header(name, value),
  }
}
