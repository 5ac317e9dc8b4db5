import type { Static, TObject } from 'typebox'
import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Bearer } from '../auth/bearer.ts'
import type { Connection } from '../transport/connection.ts'
import type { SentFrame } from './sent-frame.ts'
import type { Subscriptions } from './subscriptions.ts'

/** One protocol that is spoken over WebSockets: what clients may ask, and who answers. */
export interface Endpoint<Actions extends Record<string, TObject> = Record<string, TObject>> {
  readonly operation: SocketOperation
  /** The key of a frame that names its action. */
  readonly verb: 'action' | 'type' | 'op'
  readonly actions: Actions
  /** A client has connected. */
  welcome(peer: Peer): Visit<Actions>
}

/** One client's stay: a function for each action, called with frames that fit its schema, and one for the end. */
export interface Visit<Actions extends Record<string, TObject>> {
  /** @throws SocketRefusal, which is answered with an error frame and changes nothing. */
  readonly on: { readonly [Name in keyof Actions]: (frame: Static<Actions[Name]>, sent: SentFrame) => void }
  left(): void
}

/** The client as an endpoint sees it. */
export interface Peer {
  /** Its `X-Loadcell-Exchange`, else a name of its own. */
  readonly key: string
  readonly tenant: string
  readonly bearer: Bearer | undefined
  readonly query: Readonly<Record<string, string | undefined>>
  /** For frames that go to many: encode them once, send them to each. */
  readonly connection: Pick<Connection, 'send' | 'roomBytes'>
  /** An answer to this client alone, behind what it was sent before. */
  reply(frame: object): void
  /** An answer that is written already: `json` is that of the frame. */
  replyWritten(json: string, frame: object): void
  /** The names it follows. Add to them before any other effect, so that every endpoint keeps the same limit. */
  readonly subscriptions: Subscriptions
  /** When it last sent anything, by the monotonic clock. */
  readonly heardAt: number
}
