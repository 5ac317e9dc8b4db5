import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Connection } from '../connections/connection.ts'
import type { EventAbout } from '../connections/frame.ts'
import type { StreamBook } from '../exchange/account.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { StreamProtocol } from '../protocols/stream-protocol.ts'
import type { Tenant } from './tenant.ts'

/** A request whose answer is a stream. Everything but the limits has been checked. */
export interface SourceRequest {
  exchange: Exchange
  tenant: Tenant
  protocol: StreamProtocol
  /** Additional headers of the answer. */
  headers: OutgoingHttpHeaders
  /** Called when nothing can be refused any more. From then on the response belongs to the stream. */
  takeOver: () => ServerResponse
  /** Called with the open connection, before any frame. */
  onOpen?: (connection: Connection) => void
}

/** Work that must succeed before the stream begins, and is undone if its client has left. */
export interface StreamAdmission {
  /** @throws ProblemError */
  check: () => void
  abandon: () => void
}

/** Where the frames of a stream come from. */
export interface StreamSource {
  /** Names in the ledger. */
  names: readonly string[]
  resumed: boolean
  /** Returns the place of an event as clients are told it. */
  placeOf: (about: EventAbout) => string
  /** Called with the open connection. `start` is called once it is a member of the pool, `end` at its end. */
  follow: (connection: Connection, book: StreamBook) => { start(): void; end(): void }
}
