import type { buildConnector } from 'undici'
import type { Consumers } from '../consumers.ts'
import type { GroupLag } from '../../delivery/group-lag.ts'
import type { HttpDefaults } from '../../context.ts'
import type { ClientParts } from '../parts.ts'

/** What the SSE clients of all users share. */
export interface SseParts extends ClientParts {
  connector: buildConnector.connector
  consumers: Consumers
  groupLag: GroupLag
  http: HttpDefaults
  /** Streams that are open now. */
  openStreams: number
}
