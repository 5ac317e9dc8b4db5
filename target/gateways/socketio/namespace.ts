import type { KnownOperation } from '../../../contract/api/operations.ts'
import type { SocketioNamespace } from '../../../contract/socketio/namespaces.ts'
import type { Endpoint, Peer } from '../../sockets/endpoint.ts'
import type { NamespaceEncoder } from './namespace-encoder.ts'
import type { RecoveredPlaces } from './delivered-places.ts'

/** A namespace, and what serves it. */
export interface GatewayNamespace {
  readonly name: SocketioNamespace
  readonly endpoint: Endpoint
  readonly encoder: NamespaceEncoder
  /** Operation of the API whose rights it demands of those that connect; undefined if anyone may. */
  readonly demands: KnownOperation | undefined
  /** Returns the argument that follows this name again. */
  again(name: string, peer: Peer, places: RecoveredPlaces): object
  /** Sends what a recovered client has missed of this name. */
  replay?(name: string, peer: Peer, places: RecoveredPlaces): void
}
