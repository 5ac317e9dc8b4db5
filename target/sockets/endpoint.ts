import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TObject } from 'typebox'
import type { WebSocket } from 'ws'
import type { SocketOperation } from '../../contract/api/sockets.ts'
import { type Checker, checker } from '../../core/check.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Connection } from '../connections/connection.ts'
import type { AnswerAbout } from '../connections/frame.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { RequestHead } from '../exchange/request-head.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import type { SentFrame } from '../protocols/sent-frame.ts'
import type { SocketProtocol } from '../protocols/socket-protocol.ts'
import type { Subscriptions } from './subscriptions.ts'

export interface EndpointDependencies {
  settings: Settings
  clock: Clock
  random: Random
  memory: MemoryBudget
  lifecycle: Lifecycle
}

type Actions = Record<string, TObject>

/** A service over WebSockets: the actions of its clients, and the object that serves them. */
export interface Endpoint<Served extends Actions = Actions, Answer extends object = object> {
  readonly operation: SocketOperation
  /** Subprotocols, of which the first that the client offers is selected; undefined if there are none. */
  readonly subprotocols?: readonly string[]
  readonly protocol: SocketProtocol
  /** The schemas of its actions, compiled. */
  readonly checkers: ReadonlyMap<string, Checker<object>>
  /** Answers requests that are no handshakes; undefined if there are none. */
  readonly polls?: { answer(request: FastifyRequest, reply: FastifyReply): void }
  /** Takes handshakes that belong to sessions which are open already; undefined if there are none. */
  readonly rejoin?: SessionHandshakes
  /** Called when a client has connected. */
  onConnect(peer: Peer<Answer>): EndpointSession<Served>
}

/** A WebSocket whose handshake is done. */
export interface OpenedSocket {
  endpoint: Endpoint
  exchange: Exchange
  webSocket: WebSocket
  socket: Socket
  query: Readonly<Record<string, string | undefined>>
  head: RequestHead
}

/** WebSockets by which open sessions go on. */
export interface SessionHandshakes {
  /** Whether a handshake belongs to a session. @throws ProblemError if it cannot be accepted */
  check(request: FastifyRequest): boolean
  take(opened: OpenedSocket): void
}

export function checkersOf(actions: Actions): ReadonlyMap<string, Checker<object>> {
  return new Map(Object.entries(actions).map(([name, schema]) => [name, checker(schema)]))
}

/** One client's session: a function for each action, which takes frames that match its schema. Pings are answered already. */
export interface EndpointSession<Served extends Actions> {
  /** @throws SocketRefusal, which is answered with an error frame and changes nothing */
  readonly on: {
    readonly [Name in Exclude<keyof Served, 'ping'>]: (frame: Static<Served[Name]>, sent: SentFrame) => void
  }
  onDisconnect(): void
  /** Called with the time now after each sweep. */
  review?(now: number): void
}

/** The client as an endpoint sees it. */
export interface Peer<Answer extends object = object> {
  /** Its `X-Loadcell-Exchange`, or a generated name. */
  readonly key: string
  readonly tenant: string
  readonly bearer: Bearer | undefined
  readonly query: Readonly<Record<string, string | undefined>>
  /** Connection for frames with many recipients: encode them once and send them to each. */
  readonly connection: Connection
  /** Takes frames of this endpoint for the client. */
  readonly outlet: Pick<Connection, 'enqueue'>
  readonly exchange: Exchange
  /** `Authorization` of the handshake. */
  readonly authorization: string | undefined
  /** Subprotocol that was selected; '' for none. */
  readonly subprotocol: string
  /** Closes the WebSocket for a reason of its protocol. */
  close(code: number, reason: string): void
  /**
   * Answers this client alone, after everything sent to it before.
   * @param message JSON if it is a string
   */
  reply(message: Answer | string, about: AnswerAbout): void
  /** The names it follows. Add to them before any other effect, so that every endpoint keeps the same limit. */
  readonly subscriptions: Subscriptions
  /** When the client last sent anything, by the monotonic clock. */
  readonly heardAt: number
}
