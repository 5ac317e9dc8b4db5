import type { FastifyInstance } from 'fastify'
import type { Clock } from '../core/clock.ts'
import { parseDuration } from '../core/duration.ts'
import type { Configuration } from './configuration/configuration.ts'
import { countConnections } from './http/connections.ts'
import { acceptPriorKnowledge } from './http2/prior-knowledge.ts'
import { Http2Sessions } from './http2/sessions.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Lifecycle } from './lifecycle/lifecycle.ts'
import type { MemoryBudget } from './memory/budget.ts'

interface PlainDependencies {
  ledger: Ledger
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** Lets clients speak HTTP/2 without TLS, as those of gRPC do. Loaded only when gRPC is switched on. */
export function acceptPlainHttp2(
  { server }: FastifyInstance,
  configuration: Configuration,
  { ledger, clock, memory, lifecycle }: PlainDependencies,
): Http2Sessions {
  const sessions = new Http2Sessions(server, {
    configuration,
    clock,
    lifecycle,
    accepted: http2 => {
      countConnections(http2, memory)
      http2.on('connection', socket => ledger.stallWatch.accepted(socket))
    },
  })
  acceptPriorKnowledge(server, {
    http2: socket => sessions.take(socket),
    withinMs: parseDuration(configuration.http.requestTimeout),
    lifecycle,
  })
  return sessions
}
