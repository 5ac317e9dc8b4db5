import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from '../../../core/clock.ts'
import type { Bearers } from '../../auth/guard.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Catalog } from '../../domain/catalog/catalog.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { Orders } from '../../domain/orders/orders.ts'
import type { Once } from '../../idempotency/once.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import type { Endpoint } from '../../sockets/endpoint.ts'
import type { Streams } from '../../streams/streams.ts'
import { GraphqlChat } from './chat.ts'
import { GraphqlEngine } from './engine.ts'
import { registerGraphqlRoutes } from './http-routes.ts'
import { rootsOf } from './roots.ts'
import { registerGraphqlStreams } from './stream-routes.ts'
import { SharedEncoders } from './shared-encoders.ts'
import { GraphqlTransport } from './transport-endpoint.ts'

export interface GatewayDependencies {
  catalog: Catalog
  orders: Orders
  streams: Streams
  hall: Hall
  settings: Settings
  clock: Clock
  memory: MemoryBudget
  bearers: Bearers
  once: Once
  log: Logger
}

/** GraphQL in front of the domain: over HTTP, server-sent events and WebSockets. */
export interface GraphqlGateway {
  /** WebSockets that speak graphql-transport-ws. */
  readonly endpoint: Endpoint
  register(app: FastifyInstance): void
}

export function createGraphqlGateway(dependencies: GatewayDependencies): GraphqlGateway {
  const { streams, hall, settings, memory, once, log } = dependencies
  const onException = (error: unknown) => log.error({ err: error, operation: 'graphql.query' })
  const chat = new GraphqlChat(dependencies)
  const roots = rootsOf({ ...dependencies, chat })
  const engine = new GraphqlEngine({ settings, memory, roots, onException })
  const encoders = new SharedEncoders()
  return {
    endpoint: new GraphqlTransport({ ...dependencies, engine, encoders }),
    register(app) {
      registerGraphqlRoutes(app, engine, once)
      registerGraphqlStreams(app, { engine, streams, hall, settings, encoders })
    },
  }
}
