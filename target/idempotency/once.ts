import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { headers } from '../../contract/headers.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { jsonType } from '../http/serve.ts'
import { ProblemError, problemMediaType } from '../exchange/problem.ts'
import type { IdempotencyStore, StoredAnswer } from './store.ts'

/** The answer to a request with effects. A `body` of type string is JSON already. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body: object | string
  isReplay?: boolean
  /** Whether nothing was done, so that the request may be served again under its key. */
  isForgotten?: boolean
}

const LONGEST_KEY = 256

/** Serves requests with the same Idempotency-Key and body once, and answers all of them. */
export class Once {
  readonly #store: IdempotencyStore
  readonly #settings: Settings

  constructor(store: IdempotencyStore, settings: Settings) {
    this.#store = store
    this.#settings = settings
  }

  answer(request: FastifyRequest, reply: FastifyReply, serve: () => Answer): FastifyReply {
    return send(reply, this.answerTo(request, serve))
  }

  /** Returns the answer, for callers that send it themselves. */
  answerTo(request: FastifyRequest, serve: () => Answer): Answer {
    const key = idempotencyKey(request)
    if (key === undefined) return serve()
    const { tenant, bearer, operation, bodyText } = request.exchange as Exchange
    const scope = JSON.stringify([tenant, bearer?.client, bearer?.subject, operation])
    return this.#once(scope, key, bodyText ?? '', serve)
  }

  /** Serves a request, unless one with the same key and body was served in this scope before. */
  #once(scope: string, key: string, bodyText: string, serve: () => Answer): Answer {
    const { idempotency, idempotencyKeys } = this.#settings.current.events
    const claim = this.#store.claim(scope + key, hash('sha256', bodyText, 'base64'), idempotency, idempotencyKeys)
    if (claim.kind === 'replay') return { ...claim.answer, isReplay: true }
    if (claim.kind === 'in_flight') {
      throw new ProblemError(
        'idempotency_in_flight',
        `the first request with the key "${key}" has not been answered yet`,
      )
    }
    if (claim.kind === 'reused') {
      throw new ProblemError('idempotency_key_reused', `the key "${key}" was used with another body before`)
    }
    try {
      const answer = serve()
      if (answer.status >= 400 || answer.isForgotten === true) {
        claim.abandon()
        return answer
      }
      const stored: StoredAnswer = { ...answer, body: textOf(answer.body) }
      claim.finish(stored)
      return stored
    } catch (error) {
      claim.abandon()
      throw error
    }
  }
}

function send(reply: FastifyReply, { status, headers: own, body, isReplay }: Answer): FastifyReply {
  if (own !== undefined) reply.headers(own)
  if (isReplay) reply.header(headers.idempotentReplayed, 'true')
  return reply
    .code(status)
    .type(status < 400 ? jsonType : problemMediaType)
    .send(textOf(body))
}

function textOf(body: object | string): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers[headers.idempotencyKey]
  if (key === undefined) return undefined
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw new ProblemError('invalid_header', `Idempotency-Key: expected one value of 1…${LONGEST_KEY} characters`)
}
