import type { OpenCount } from '../open-count.ts'
import type { ClientParts } from '../parts.ts'

/** What the WebSocket clients of all users share. */
export interface WsParts extends ClientParts {
  /** Sockets that are open now. */
  open: OpenCount
}
