import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Problem } from '../../contract/problem.ts'
import type { AnswerFormat, InjectedAnswer } from '../faults/request/faulted-exchange.ts'
import { exchangeOf } from './request-exchange.ts'
import { problemDocument, ProblemError, problemMediaType } from '../exchange/problem.ts'
import { jsonType } from './serve.ts'

/** Limits of a request. */
export interface Limits {
  bodyBytes: number
  urlBytes: number
}

/** Returns the problem with a request whose method the router does not know. HTTP/2 lets such methods through; no hook has run for them. */
export type Unrouted = (request: FastifyRequest, reply: FastifyReply) => ProblemError

/** Answers everything that is thrown: problems as they are, errors of the framework as problems, the rest as 500. */
export function answerRefusals(
  app: FastifyInstance,
  { limits, log, unrouted }: { limits: Limits; log: Logger; unrouted: Unrouted },
): void {
  app.setErrorHandler<FastifyError | ProblemError>((error, request, reply) => {
    const problem =
      error instanceof ProblemError
        ? error
        : error.code === 'FST_ERR_NOT_FOUND'
          ? unrouted(request, reply)
          : problemOf(error, limits)
    if (problem.code === 'internal_error') {
      log.error({ err: error, requestId: request.id, method: request.method, operation: request.exchange?.operation })
    }
    sendProblem(reply, problem)
  })
}

/** A problem as refusals show it. */
export type RefusedProblem = Pick<ProblemError, 'status' | 'message' | 'extra'> & { code: string }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How faults change its answers, if they are data but not JSON. */
    answerFormat?: AnswerFormat
    /** Returns the refusal of a protocol with statuses of its own; undefined for a client that does not speak it. */
    ownRefusal?: (reply: FastifyReply, problem: RefusedProblem) => InjectedAnswer | undefined
    /** Returns the JSON body of a refusal for an API with a shape of its own. Default: a problem document. */
    refusalBody?: (problem: Pick<ProblemError, 'status' | 'code' | 'message' | 'extra'>) => object
  }
}

export function sendProblem(reply: FastifyReply, problem: ProblemError): void {
  const details = exchangeOf(reply.request)?.details
  if (details !== undefined) details.problem = problem.code
  if (problem.extra.headers !== undefined) void reply.headers(problem.extra.headers)
  const { refusalBody, ownRefusal } = reply.request.routeOptions.config
  const own = ownRefusal?.(reply, problem)
  if (own !== undefined) return void reply.code(own.status).headers(own.headers).type(own.mediaType).send(own.body)
  void reply
    .code(problem.status)
    .type(refusalBody === undefined ? problemMediaType : jsonType)
    .send(JSON.stringify((refusalBody ?? problemDocument)(problem)))
}

/** Returns an injected answer in the shape of the refusals of its API. */
export function inShape(reply: FastifyReply, answer: InjectedAnswer): InjectedAnswer {
  const { refusalBody, ownRefusal } = reply.request.routeOptions.config
  const own = ownRefusal?.(reply, injectedProblem(answer))
  if (own !== undefined) return own
  if (refusalBody === undefined || answer.mediaType !== problemMediaType) return answer
  return { ...answer, mediaType: jsonType, body: JSON.stringify(refusalBody(injectedProblem(answer))) }
}

function injectedProblem({ status, headers, mediaType, body }: InjectedAnswer) {
  const message = mediaType === problemMediaType ? (JSON.parse(body) as Pick<Problem, 'detail'>).detail : body
  return { status, code: 'injected_fault', message, extra: { headers } } as const
}

/** Turns an error of the framework into a problem. */
export function problemOf({ code }: FastifyError, { bodyBytes, urlBytes }: Limits): ProblemError {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge(bodyBytes)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError('unsupported_media_type', 'expected Content-Type application/json')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ProblemError('malformed_body', 'the body is not as long as its Content-Length says')
    case 'FST_ERR_BAD_URL':
      return new ProblemError('invalid_request', 'the path is not valid percent-encoding')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return uriTooLong(urlBytes)
    // The client is gone and will not read this.
    case 'ECONNRESET':
      return new ProblemError('malformed_body', 'the body ended early')
    default:
      return new ProblemError('internal_error', 'the target failed; see its log')
  }
}

export function bodyTooLarge(limitBytes: number, when = ''): ProblemError {
  return new ProblemError('body_too_large', `expected a body of at most ${limitBytes} bytes${when} (http.bodyBytes)`)
}

export function uriTooLong(limitBytes: number): ProblemError {
  return new ProblemError('uri_too_long', `expected a URL of at most ${limitBytes} bytes (http.urlBytes)`)
}
