import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { GraphqlRequest } from '../../../contract/api/graphql.ts'
import { graphqlMediaTypes } from '../../../contract/graphql/protocol.ts'
import { headers } from '../../../contract/headers.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { serveUnchecked } from '../../http/serve.ts'
import type { Answer, Once } from '../../idempotency/once.ts'
import type { Executed, GraphqlEngine, ReadyOperation } from './engine.ts'
import { acceptedType } from './negotiation.ts'
import { readQuery, readRequest } from './payload.ts'

/** Serves queries and mutations by the GraphQL-over-HTTP specification. */
export function registerGraphqlRoutes(app: FastifyInstance, engine: GraphqlEngine, once: Once): void {
  serveUnchecked(app, 'graphql.query', (request, reply) => {
    const type = acceptedType(request.headers.accept)
    return answer(request, reply, type, ready(readRequest(request.body)))
  })

  serveUnchecked(app, 'graphql.get', (request, reply) => {
    const type = acceptedType(request.headers.accept)
    const operation = ready(readQuery(request.query as Record<string, string | string[] | undefined>))
    if ('kind' in operation && operation.kind === 'mutation') throw onlyByPost('a mutation')
    return answer(request, reply, type, operation)
  })

  function ready(request: GraphqlRequest | GraphQLError): ReadyOperation | Executed {
    if (request instanceof GraphQLError) return unexecuted([request], true)
    const operation = engine.prepare(request)
    if ('errors' in operation) return unexecuted(operation.errors)
    return operation.kind === 'subscription' ? unexecuted([subscribeElsewhere()]) : operation
  }

  function answer(
    request: FastifyRequest & { exchange: Exchange },
    reply: FastifyReply,
    type: string,
    operation: ReadyOperation | Executed,
  ): FastifyReply {
    if (!('kind' in operation)) return send(reply, type, { status: statusOf(operation, type), body: operation.text })
    const run = (): Answer => {
      const executed = engine.execute(operation, request.exchange)
      // An answer without any effect is not remembered under the key, as over REST.
      return {
        status: statusOf(executed, type),
        body: executed.text,
        ...(!executed.hasEffect && { isForgotten: true }),
      }
    }
    return send(reply, type, operation.kind === 'mutation' ? once.answerTo(request, run) : run())
  }
}

function send(reply: FastifyReply, type: string, { status, body, isReplay }: Answer): FastifyReply {
  if (isReplay === true) reply.header(headers.idempotentReplayed, 'true')
  return reply.code(status).type(`${type}; charset=utf-8`).send(body)
}

/** Clients of plain JSON take any other status for a failure of the way, so that errors of a document have 200 there. */
function statusOf({ hasData, isMalformed }: Executed, type: string): number {
  return hasData || (type === graphqlMediaTypes.json && isMalformed !== true) ? 200 : 400
}

/** Returns the result of a request that was not executed. */
export function unexecuted(errors: readonly GraphQLError[], isMalformed = false): Executed {
  return { text: JSON.stringify({ errors }), hasData: false, hasEffect: false, isMalformed, errors }
}

export function onlyByPost(what: string): ProblemError {
  return new ProblemError('method_not_allowed', `expected POST for ${what}, got GET`, { headers: { allow: 'POST' } })
}

function subscribeElsewhere(): GraphQLError {
  const message =
    'subscriptions are followed at /graphql/stream (server-sent events) or /graphql/subscriptions (graphql-transport-ws)'
  return new GraphQLError(message, { extensions: { code: 'invalid_request' } })
}
