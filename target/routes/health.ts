import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import { serve } from '../http/serve.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'

export function registerHealthRoutes(app: FastifyInstance, lifecycle: Lifecycle, clock: Clock, version: string): void {
  const startedAt = clock.now()
  const health = () => ({ status: 'ok', version, uptime_ms: Math.round(clock.now() - startedAt) })

  serve(app, 'health.live', (_request, reply) => reply.send(health()))
  serve(app, 'health.api', (_request, reply) => reply.send(health()))
  serve(app, 'health.ready', (_request, reply) => {
    if (lifecycle.phase !== 'ready') throw new ProblemError('not_ready', `the target is ${lifecycle.phase}`)
    return reply.send(health())
  })
}
