import type { FastifyInstance, HTTPMethods } from 'fastify'
import { ProblemError } from '../problem.ts'
import { isControlPath } from './receive.ts'

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

/** Paths with the methods they take, as routes are registered. */
export type MethodsByPath = Map<string, Set<string>>

/** Call it before any route is registered. */
export function collectMethods(app: FastifyInstance): MethodsByPath {
  const methodsByPath: MethodsByPath = new Map()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByPath.get(url) ?? new Set(['OPTIONS'])
    for (const taken of [method].flat()) methods.add(taken.toUpperCase())
    methodsByPath.set(url, methods)
  })
  return methodsByPath
}

/** Answers OPTIONS with what a path takes, and every method it does not take with 405. Call it after all routes. */
export function answerOtherMethods(app: FastifyInstance, methodsByPath: MethodsByPath): void {
  for (const [url, taken] of methodsByPath) {
    const allow = [...taken].sort().join(', ')
    const isCounted = !isControlPath(url) && url !== '/metrics'
    app.route({
      method: METHODS.filter(method => !taken.has(method) || method === 'OPTIONS'),
      url,
      ...(isCounted && { config: { operation: 'unmatched' } }),
      // In this hook, so that the refusal does not wait for a body.
      onRequest(request, reply, done) {
        if (request.method === 'OPTIONS') void reply.code(204).header('allow', allow).send()
        else
          done(
            new ProblemError('method_not_allowed', `${request.method} is not one of ${allow}`, { headers: { allow } }),
          )
      },
      handler: () => {
        throw new Error('unreachable: the hook before has answered')
      },
    })
  }
}
