import type { FastifyInstance, HTTPMethods } from 'fastify'
import { ProblemError } from '../problem.ts'

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

/** Paths with the methods they take, as routes are registered. */
export type MethodsByPath = Map<string, TakenMethods>

interface TakenMethods {
  methods: Set<string>
  /** The path is an operation's: what it refuses is counted as well. */
  isCounted: boolean
}

/** Call it before any route is registered. */
export function collectMethods(app: FastifyInstance): MethodsByPath {
  const methodsByPath: MethodsByPath = new Map()
  app.addHook('onRoute', ({ url, method, config }) => {
    const taken = methodsByPath.get(url) ?? { methods: new Set(['OPTIONS']), isCounted: false }
    for (const name of [method].flat()) taken.methods.add(name.toUpperCase())
    taken.isCounted ||= config?.operation !== undefined
    methodsByPath.set(url, taken)
  })
  return methodsByPath
}

/** Answers OPTIONS with what a path takes, and every method it does not take with 405. Call it after all routes. */
export function answerOtherMethods(app: FastifyInstance, methodsByPath: MethodsByPath): void {
  for (const [url, { methods, isCounted }] of methodsByPath) {
    const allow = [...methods].sort().join(', ')
    app.route({
      method: METHODS.filter(method => !methods.has(method) || method === 'OPTIONS'),
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
