import { stompSubprotocols } from '../../../contract/stomp/version.ts'
import type { MemoryBudget } from '../../memory/budget.ts'
import { checkersOf, type Endpoint, type EndpointSession, type Peer } from '../../sockets/endpoint.ts'
import { stompActions, stompProtocol } from './protocol.ts'
import { StompSession, type SessionDependencies } from './session.ts'
import { SharedMessageEncoders } from './shared-message-encoders.ts'

export type StompEndpointDependencies = Omit<SessionDependencies, 'memory' | 'encoders'> & { memory: MemoryBudget }

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
