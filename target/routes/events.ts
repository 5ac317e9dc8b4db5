import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { headers } from '../../contract/headers.ts'
import { type KnownOperation, operations } from '../../contract/operations.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Exchange } from '../http/exchange.ts'
import { ProblemError, problemDocument, problemMediaType } from '../http/problem.ts'
import type { Streams } from '../streams/streams.ts'

export interface EventRouteParts {
  streams: Streams
  settings: Settings
}

const LONGEST_KEY = 256

export function registerEventRoutes(app: FastifyInstance, { streams, settings }: EventRouteParts): void {
  route('events.publish', (body, { tenant, account, bodyText }) =>
    accepted(streams.ingestion.publish(streams.tenant(tenant), body, account.events, bodyText)),
  )

  route('events.batch', (body, { tenant, account }) => {
    const answer = streams.ingestion.batch(streams.tenant(tenant), body, account.events)
    if (answer.accepted_count > 0 || answer.duplicate_count > 0) return accepted(answer)
    // More than a problem document can usually say: which event was rejected, and why.
    const problem = new ProblemError('batch_rejected', `all ${answer.rejected_count} events were rejected`)
    return { status: problem.status, body: { ...problemDocument(problem), ...answer } }
  })

  function route(operation: KnownOperation, serve: (body: unknown, exchange: Exchange) => Answer): void {
    const { method, path } = operations[operation]
    app.route({
      method,
      url: path,
      config: { operation },
      handler: (request, reply) => {
        const exchange = request.exchange as Exchange
        const answer = () => serve(request.body, exchange)
        const key = idempotencyKey(request)
        if (key === undefined) return send(reply, answer())
        const scope = JSON.stringify([exchange.tenant, exchange.client, operation])
        return send(reply, once(scope, key, exchange.bodyText ?? '', answer))
      },
    })
  }

  /** Serves a request, unless one with the same key and body was served in this scope before. */
  function once(scope: string, key: string, bodyText: string, serve: () => Answer): Answer {
    const { idempotency, idempotencyKeys } = settings.current.events
    const fingerprint = hash('sha256', bodyText, 'base64')
    const claim = streams.idempotency.claim(scope + key, fingerprint, idempotency, idempotencyKeys)
    if (claim.kind === 'replay') return { ...claim.answer, isReplay: true }
    if (claim.kind === 'in_flight') {
      throw new ProblemError('idempotency_in_flight', `the first request with the key "${key}" is not answered yet`)
    }
    if (claim.kind === 'reused') {
      throw new ProblemError('idempotency_key_reused', `the key "${key}" came with another body before`)
    }
    try {
      const answer = serve()
      if (answer.status >= 400) {
        claim.abandon()
        return answer
      }
      const stored = { status: answer.status, body: JSON.stringify(answer.body) }
      claim.finish(stored)
      return stored
    } catch (error) {
      claim.abandon()
      throw error
    }
  }
}

/** A `body` that is text is JSON already. */
interface Answer {
  status: number
  body: object | string
  isReplay?: boolean
}

function accepted(body: object): Answer {
  return { status: 202, body }
}

function send(reply: FastifyReply, { status, body, isReplay }: Answer): FastifyReply {
  if (isReplay) reply.header(headers.idempotentReplayed, 'true')
  return reply
    .code(status)
    .type(status < 400 ? 'application/json; charset=utf-8' : problemMediaType)
    .send(typeof body === 'string' ? body : JSON.stringify(body))
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers[headers.idempotencyKey]
  if (key === undefined) return undefined
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw new ProblemError('invalid_header', `Idempotency-Key: expected one value of 1…${LONGEST_KEY} characters`)
}
