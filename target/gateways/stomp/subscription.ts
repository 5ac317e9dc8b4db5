import type { StompVersion } from '../../../contract/stomp/version.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import type { Streams } from '../../streams/streams.ts'
import type { StartPoint } from '../../streams/resume.ts'
import type { StompDestination } from './destination.ts'
import type { SharedMessageEncoders } from './shared-message-encoders.ts'

export const ackModes = ['auto', 'client', 'client-individual'] as const
export type AckMode = (typeof ackModes)[number]

/** The parts of the target that the gateway needs. */
export interface StompDependencies {
  streams: Streams
  hall: Hall
  settings: Settings
  clock: Clock
  memory: MemoryTable
  encoders: SharedMessageEncoders
}

/** A SUBSCRIBE that has been checked. */
export interface SubscriptionRequest {
  id: string
  destination: StompDestination
  version: StompVersion
  group: string | undefined
  start: StartPoint
  peer: Peer
}

/** A subscription of a connection. */
export interface OpenSubscription {
  /** Sends what is there already. Called once the connection knows the subscription, because it may close the connection. */
  start(): void
  /** Ends it on behalf of the client or the connection. */
  end(): void
}
