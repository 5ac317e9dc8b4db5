import type { buildConnector } from 'undici'
import type { Consumers } from '../consumers.ts'
import type { ClientParts } from '../parts.ts'

/** What the SSE clients of all users share. */
export interface SseParts extends ClientParts {
  connector: buildConnector.connector
  consumers: Consumers
  /** Streams that are open now. */
  openStreams: number
}
