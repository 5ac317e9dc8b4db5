import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, HTTPMethods } from 'fastify'
import { ProblemError } from '../exchange/problem.ts'
import { type Limits, uriTooLong } from './refusal.ts'
import { headRefusal, pathOf } from './request-target.ts'

/** Methods that routes are registered for. `methodRefusal` handles the others, which would need thousands of routes. */
export const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

/** Paths with the methods they accept. */
type MethodsByPath = Map<string, TakenMethods>

interface TakenMethods {
  methods: Set<string>
  /** Whether the path belongs to an operation, so that its refusals are counted too. */
  isCounted: boolean
  /** Value of `Allow`, once all routes are registered. */
  allow: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** By path template, as the router knows it. */
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

/** Answers OPTIONS with the methods of a path, and other methods with 405. Call it after all routes are registered. */
export function answerOtherMethods(app: FastifyInstance): void {
  for (const taken of app.methodsByPath.values()) taken.allow = [...taken.methods].sort().join(', ')
  for (const [url, { methods, isCounted, allow }] of app.methodsByPath) {
    app.route({
      method: METHODS.filter(method => !methods.has(method) || method === 'OPTIONS'),
      url,
      ...(isCounted && { config: { operation: 'unmatched' } }),
      // A hook, so that the refusal does not wait for a body.
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

/** Returns the 405 for a method without routes at this path; undefined if the path is unknown. */
function methodRefusal({ methodsByPath }: FastifyInstance, method: string, path: string): ProblemError | undefined {
  if (METHODS.includes(method)) return undefined
  const parts = path.split('/')
  const [template] = [...methodsByPath.keys()]
    .filter(candidate => fits(candidate.split('/'), parts))
    // A literal path takes precedence over a matching template.
    .sort((a, b) => a.split(':').length - b.split(':').length)
  return template === undefined ? undefined : notAllowed(method, methodsByPath.get(template)!.allow)
}

function fits(template: readonly string[], path: readonly string[]): boolean {
  return (
    template.length === path.length &&
    template.every((part, index) => part === path[index] || (part.startsWith(':') && path[index] !== ''))
  )
}

/** Returns the problem with a method that HTTP does not know, whatever the path is. */
export function unknownMethod(method: string): ProblemError {
  return notAllowed(JSON.stringify(method.slice(0, 40)), METHODS.join(', '))
}

function notAllowed(method: string, allow: string): ProblemError {
  return new ProblemError('method_not_allowed', `${method} is not one of ${allow}`, { headers: { allow } })
}

export interface UnknownPathsOptions {
  limits: Limits
  /** Returns the problem for a path that another listener serves; undefined for all other paths. */
  elsewhere?: (path: string) => ProblemError | undefined
  /** Handles a request. `refusal` is undefined if the request is answered instead. */
  meet: (
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: ProblemError | undefined,
    refuse: HookHandlerDoneFunction,
  ) => void
}

/**
 * Refuses requests that no route serves before their body is read. It uses its own scope: a global hook would run for
 * every request.
 */
export function refuseUnknownPaths(app: FastifyInstance, { limits, elsewhere, meet }: UnknownPathsOptions): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, refuse) => {
      const { method, url } = request
      // RFC 9110 §9.3.7: the methods of the server as a whole.
      if (method === 'OPTIONS' && request.originalUrl === '*' && headRefusal(request.raw) === undefined) {
        return meet(request, reply, undefined, () => void reply.code(204).header('allow', METHODS.join(', ')).send())
      }
      const path = pathOf(url)
      const refusal =
        url.length > limits.urlBytes
          ? uriTooLong(limits.urlBytes)
          : (headRefusal(request.raw) ??
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
