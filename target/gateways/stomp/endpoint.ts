import { stompSubprotocols } from '../../../contract/stomp/version.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Bearers } from '../../auth/guard.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { checkersOf, type Endpoint, type EndpointSession, type Peer } from '../../sockets/endpoint.ts'
import type { Streams } from '../../streams/streams.ts'
import { stompActions, stompProtocol } from './protocol.ts'
import { StompSession, type SessionDependencies } from './session.ts'
import { SharedMessageEncoders } from './shared-message-encoders.ts'

export interface StompEndpointDependencies {
  streams: Streams
  hall: Hall
  settings: Settings
  clock: Clock
  memory: MemoryBudget
  bearers: Bearers
}

/** STOMP over WebSockets, in front of the streams and rooms. */
export class StompEndpoint implements Endpoint<typeof stompActions> {
  readonly operation = 'stomp.connect'
  readonly subprotocols = stompSubprotocols
  readonly protocol = stompProtocol
  readonly checkers = checkersOf(stompActions)
  readonly #dependencies: SessionDependencies

  constructor({ memory, ...dependencies }: StompEndpointDependencies) {
    this.#dependencies = { ...dependencies, memory: memory.table('stomp'), encoders: new SharedMessageEncoders() }
  }

  onConnect(peer: Peer): EndpointSession<typeof stompActions> {
    const session = new StompSession(peer, this.#dependencies)
    return {
      on: { bytes: ({ bytes }) => session.receive(bytes) },
      onDisconnect: () => session.end(),
      review: now => session.review(now),
    }
  }
}
