import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { ProblemError } from '../problem.ts'
import { methodRefusal } from './methods.ts'
import { type Limits, uriTooLong } from './refusal.ts'

/** Has a request that is about to be refused. */
export type Meet = (
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: ProblemError,
  refuse: HookHandlerDoneFunction,
) => void

export interface UnknownPathsParts {
  limits: Limits
  /** What is said of a path that another listener serves; undefined of all others. */
  elsewhere?: (path: string) => ProblemError | undefined
  meet: Meet
}

/** Refuses what no route serves, before a body is read. In a scope of its own: a hook for all would be run for every request. */
export function refuseUnknownPaths(app: FastifyInstance, { limits, elsewhere, meet }: UnknownPathsParts): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, refuse) => {
      const { method, url } = request
      const path = url.split('?', 1)[0]!
      const refusal =
        url.length > limits.urlBytes
          ? uriTooLong(limits.urlBytes)
          : (methodRefusal(app, method, path) ??
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
