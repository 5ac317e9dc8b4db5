import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { QuoteBoard } from '../../domain/quotes/board.ts'
import type { Once } from '../../idempotency/once.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { Streams } from '../../streams/streams.ts'
import { GrpcCalls } from './calls.ts'
import { serveChat } from './chat.ts'
import { Descriptors } from './descriptors.ts'
import { serveEvents } from './events.ts'
import { HEALTH, serveHealth } from './health.ts'
import { ItemProtocol } from './item-protocol.ts'
import { readLibrary } from './library.ts'
import { serveQuotes } from './quotes.ts'
import { serveReflection } from './reflection.ts'

export interface GrpcGatewayDependencies {
  streams: Streams
  hall: Hall
  board: QuoteBoard
  settings: Settings
  clock: Clock
  lifecycle: Lifecycle
  once: Once
}

/** Serves gRPC in front of the domain. */
export function registerGrpc(app: FastifyInstance, dependencies: GrpcGatewayDependencies): void {
  const { settings } = dependencies
  const library = readLibrary()
  const descriptors = new Descriptors(library)
  const items = (name: string) => new ItemProtocol(library, `loadcell.v1.${name}`)
  void app.register((scope, _options, done) => {
    const common = { ...dependencies, library, descriptors, calls: new GrpcCalls(scope, { ...dependencies, library }) }
    serveEvents({ ...common, protocol: items('StreamItem') })
    serveChat({ ...common, protocol: items('ChatItem') })
    serveQuotes({ ...common, protocol: items('QuoteItem') })
    serveHealth({
      ...common,
      protocol: new ItemProtocol(library, HEALTH, { status: 'SERVING' }),
      services: new Set(descriptors.services),
    })
    if (settings.current.grpc.reflection) serveReflection(common)
    else common.calls.refuse(['grpc.reflect', 'grpc.reflect_alpha'], 'reflection is off (grpc.reflection)')
    done()
  })
}
