import type { Static, TObject } from 'typebox'
import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Connection } from '../connections/connection.ts'
import type { AnswerAbout } from '../connections/frame.ts'
import type { SentFrame } from '../protocols/sent-frame.ts'
import type { Subscriptions } from './subscriptions.ts'

/** A protocol over WebSockets: the actions of its clients, and the object that serves them. */
export interface Endpoint<Actions extends Record<string, TObject> = Record<string, TObject>> {
  readonly operation: SocketOperation
  /** Name of the member that names the action of a frame. */
  readonly verb: 'action' | 'type' | 'op'
  readonly actions: Actions
  /** Called when a client has connected. */
  onConnect(peer: Peer): EndpointSession<Actions>
}

/** One client's stay: a function for each action, which takes frames that match its schema, and one for the end. */
export interface EndpointSession<Actions extends Record<string, TObject>> {
  /** @throws SocketRefusal, which is answered with an error frame and changes nothing */
  readonly on: { readonly [Name in keyof Actions]: (frame: Static<Actions[Name]>, sent: SentFrame) => void }
  onDisconnect(): void
}

/** The client as an endpoint sees it. */
export interface Peer {
  /** Its `X-Loadcell-Exchange`, or a generated name. */
  readonly key: string
  readonly tenant: string
  readonly bearer: Bearer | undefined
  readonly query: Readonly<Record<string, string | undefined>>
  /** Connection for frames with many recipients: encode them once and send them to each. */
  readonly connection: Pick<Connection, 'enqueue' | 'roomBytes'>
  /**
   * Answers this client alone, after everything sent to it before.
   * @param message JSON if it is a string
   */
  reply(message: object | string, about: AnswerAbout): void
  /** The names it follows. Add to them before any other effect, so that every endpoint keeps the same limit. */
  readonly subscriptions: Subscriptions
  /** When the client last sent anything, by the monotonic clock. */
  readonly heardAt: number
}
