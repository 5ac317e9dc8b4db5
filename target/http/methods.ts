import type { FastifyInstance, HTTPMethods } from 'fastify'
import { ProblemError } from '../problem.ts'

/** Those that routes are made for. Any other that Node reads is told of by `methodRefusal`: a route for each would be thousands. */
export const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

/** Paths with the methods they take, as routes are registered. */
type MethodsByPath = Map<string, TakenMethods>

interface TakenMethods {
  methods: Set<string>
  /** The path is an operation's: what it refuses is counted as well. */
  isCounted: boolean
  /** The methods as text, once all routes are there. */
  allow: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** By the template of the path, as the router has it. */
    methodsByPath: MethodsByPath
  }
}

/** Call it before any route is registered. */
export function collectMethods(app: FastifyInstance): void {
  const methodsByPath: MethodsByPath = new Map()
  app.decorate('methodsByPath', methodsByPath)
  app.addHook('onRoute', ({ url, method, config }) => {
    const taken = methodsByPath.get(url) ?? { methods: new Set(['OPTIONS']), isCounted: false, allow: '' }
    for (const name of [method].flat()) taken.methods.add(name.toUpperCase())
    taken.isCounted ||= config?.operation !== undefined
    methodsByPath.set(url, taken)
  })
}

/** Answers OPTIONS with what a path takes, and every method it does not take with 405. Call it after all routes. */
export function answerOtherMethods(app: FastifyInstance): void {
  for (const taken of app.methodsByPath.values()) taken.allow = [...taken.methods].sort().join(', ')
  for (const [url, { methods, isCounted, allow }] of app.methodsByPath) {
    app.route({
      method: METHODS.filter(method => !methods.has(method) || method === 'OPTIONS'),
      url,
      ...(isCounted && { config: { operation: 'unmatched' } }),
      // In this hook, so that the refusal does not wait for a body.
      onRequest(request, reply, done) {
        if (request.method === 'OPTIONS') void reply.code(204).header('allow', allow).send()
        else done(notAllowed(request.method, allow))
      },
      handler: () => {
        throw new Error('unreachable: the hook before has answered')
      },
    })
  }
}

/** Why a method that no route is made for is refused at this path: 405; undefined where nothing is served to anybody. */
export function methodRefusal(
  { methodsByPath }: FastifyInstance,
  method: string,
  path: string,
): ProblemError | undefined {
  if (METHODS.includes(method)) return undefined
  const parts = path.split('/')
  const [template] = [...methodsByPath.keys()]
    .filter(candidate => fits(candidate.split('/'), parts))
    // A literal path wins over a template that also matches it.
    .sort((a, b) => a.split(':').length - b.split(':').length)
  return template === undefined ? undefined : notAllowed(method, methodsByPath.get(template)!.allow)
}

function fits(template: readonly string[], path: readonly string[]): boolean {
  return (
    template.length === path.length &&
    template.every((part, index) => part === path[index] || (part.startsWith(':') && path[index] !== ''))
  )
}

function notAllowed(method: string, allow: string): ProblemError {
  return new ProblemError('method_not_allowed', `${method} is not one of ${allow}`, { headers: { allow } })
}
