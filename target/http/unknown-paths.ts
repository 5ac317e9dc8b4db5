import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { ProblemError } from '../exchange/problem.ts'
import { hostRefusal } from './host.ts'
import { METHODS, methodRefusal } from './methods.ts'
import { pathOf } from './request-target.ts'
import { type Limits, uriTooLong } from './refusal.ts'

/** Handles a request before it is refused. */
export type Meet = (
  request: FastifyRequest,
  reply: FastifyReply,
  /** Undefined if the request is answered instead. */
  refusal: ProblemError | undefined,
  refuse: HookHandlerDoneFunction,
) => void

export interface UnknownPathsParts {
  limits: Limits
  /** Returns the problem for a path that another listener serves; undefined for all other paths. */
  elsewhere?: (path: string) => ProblemError | undefined
  meet: Meet
}

/**
 * Refuses requests that no route serves before their body is read. It uses its own scope: a global hook would run for
 * every request.
 */
export function refuseUnknownPaths(app: FastifyInstance, { limits, elsewhere, meet }: UnknownPathsParts): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, refuse) => {
      const { method, url } = request
      // RFC 9110 §9.3.7: the methods of the server as a whole.
      if (method === 'OPTIONS' && request.originalUrl === '*' && hostRefusal(request.raw) === undefined) {
        return meet(request, reply, undefined, () => void reply.code(204).header('allow', METHODS.join(', ')).send())
      }
      const path = pathOf(url)
      const refusal =
        url.length > limits.urlBytes
          ? uriTooLong(limits.urlBytes)
          : (hostRefusal(request.raw) ??
            methodRefusal(app, method, path) ??
            elsewhere?.(path) ??
            new ProblemError('not_found', `nothing is served at ${url.slice(0, 200)}`))
      meet(request, reply, refusal, refuse)
    })
    scope.setNotFoundHandler(() => {
      throw new Error('unreachable: the hook before has answered')
    })
    done()
  })
}
