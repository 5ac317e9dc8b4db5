import type { FastifyInstance } from 'fastify'
import { operations } from '../../contract/operations.ts'
import type { Clock } from '../../core/clock.ts'
import { ProblemError } from '../http/problem.ts'
import type { Lifecycle } from '../lifecycle.ts'

export interface HealthParts {
  lifecycle: Lifecycle
  clock: Clock
  version: string
}

export function registerHealthRoutes(app: FastifyInstance, { lifecycle, clock, version }: HealthParts): void {
  const startedAt = clock.now()
  const health = () => ({ status: 'ok', version, uptime_ms: Math.round(clock.now() - startedAt) })

  for (const operation of ['health.live', 'health.api'] as const) {
    app.get(operations[operation].path, { config: { operation } }, (_request, reply) => reply.send(health()))
  }

  app.get(operations['health.ready'].path, { config: { operation: 'health.ready' } }, (_request, reply) => {
    if (lifecycle.phase !== 'ready') throw new ProblemError('not_ready', `the target is ${lifecycle.phase}`)
    return reply.send(health())
  })
}
