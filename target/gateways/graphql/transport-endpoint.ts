import { graphqlSubprotocol } from '../../../contract/graphql/protocol.ts'
import { parseDuration } from '../../../core/duration.ts'
import type { Bearers } from '../../auth/guard.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { checkersOf, type Endpoint, type EndpointSession, type Peer } from '../../sockets/endpoint.ts'
import type { Streams } from '../../streams/streams.ts'
import type { Clock } from '../../../core/clock.ts'
import type { GraphqlEngine } from './engine.ts'
import type { SharedEncoders } from './shared-encoders.ts'
import { transportActions, transportProtocol } from './transport-protocol.ts'
import { TransportSession } from './transport-session.ts'

export interface TransportDependencies {
  engine: GraphqlEngine
  streams: Streams
  hall: Hall
  settings: Settings
  clock: Clock
  bearers: Bearers
  encoders: SharedEncoders
  memory: MemoryBudget
}

/** Operations of GraphQL over WebSockets that speak graphql-transport-ws. */
export class GraphqlTransport implements Endpoint<typeof transportActions> {
  readonly operation = 'graphql.subscribe'
  readonly subprotocols = [graphqlSubprotocol]
  readonly protocol = transportProtocol
  readonly checkers = checkersOf(transportActions)
  readonly #dependencies: TransportDependencies

  constructor(dependencies: TransportDependencies) {
    this.#dependencies = dependencies
  }

  onConnect(peer: Peer): EndpointSession<typeof transportActions> {
    const { settings, clock } = this.#dependencies
    const session = new TransportSession(peer, this.#dependencies)
    const deadline = clock.now() + parseDuration(settings.current.graphql.initTimeout)
    return {
      on: {
        connection_init: ({ payload }) => session.initialise(payload ?? {}),
        pong: () => {},
        subscribe: ({ id, payload }) => session.subscribe(id, payload),
        complete: ({ id }) => session.complete(id),
      },
      onDisconnect: () => session.end(),
      review: now => session.review(now, deadline),
    }
  }
}
