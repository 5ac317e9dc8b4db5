import type { WebSocket } from 'ws'
import type { TObject } from 'typebox'
import type { SocketProblemCode } from '../../contract/sockets/frames.ts'
import type { Clock } from '../../core/clock.ts'
import { Ring } from '../../core/ring.ts'
import type { Live } from '../configuration/settings.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Connection } from '../connections/connection.ts'
import type { Heartbeat } from '../connections/pool.ts'
import type { RequestHead } from '../exchange/request-head.ts'
import type { AnswerAbout } from '../connections/frame.ts'
import { act, type Served } from './act.ts'
import type { Endpoint, Peer, EndpointSession } from './endpoint.ts'
import { SocketRefusal } from '../protocols/refusal.ts'
import type { SocketMessage } from '../protocols/socket-protocol.ts'
import type { Subscriptions } from './subscriptions.ts'

export interface ConversationDependencies
  extends Pick<Peer, 'key' | 'tenant' | 'bearer' | 'query' | 'subscriptions' | 'exchange'> {
  endpoint: Endpoint
  /** Head of the handshake. */
  head: RequestHead
  webSocket: WebSocket
  connection: Connection
  clock: Clock
  limits: Live<{ jsonDepth: number }>
  /** Called with the size of each frame, and the reason if it was refused. */
  onFrame: (bytes: number, refusal: SocketProblemCode | undefined) => void
  /** Called when an endpoint throws an unexpected error. */
  onException: (error: unknown) => void
}

/** RFC 6455 §5.5: a control frame has at most 125 bytes, two of which are the code. */
const LONGEST_REASON = 120

interface PendingFrame {
  data: Buffer
  isBinary: boolean
}

/** Passes one client's frames to an endpoint. Every frame that cannot be served is answered with an error frame. */
export class Conversation implements Peer {
  readonly key: string
  readonly tenant: string
  readonly bearer: Bearer | undefined
  readonly query: Readonly<Record<string, string | undefined>>
  readonly connection: Connection
  readonly subscriptions: Subscriptions
  readonly exchange: Peer['exchange']
  heardAt: number
  readonly #dependencies: ConversationDependencies
  readonly #session: EndpointSession<Record<string, TObject>>
  readonly #served: Served
  /** Frames that were read before the client was paused; undefined while it is not paused. */
  #pending: Ring<PendingFrame> | undefined

  constructor(dependencies: ConversationDependencies) {
    this.key = dependencies.key
    this.tenant = dependencies.tenant
    this.bearer = dependencies.bearer
    this.query = dependencies.query
    this.connection = dependencies.connection
    this.subscriptions = dependencies.subscriptions
    this.exchange = dependencies.exchange
    this.heardAt = dependencies.clock.now()
    this.#dependencies = dependencies
    const { endpoint, clock } = dependencies
    this.#session = endpoint.onConnect(this)
    this.#served = { endpoint, clock, session: this.#session, onPong: frame => this.connection.enqueue(frame) }
    // The library's default delivers each message as one buffer.
    dependencies.webSocket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
  }

  get outlet(): Connection {
    return this.connection
  }

  reply(message: object | string, about: AnswerAbout): void {
    this.connection.enqueue(this.#dependencies.endpoint.protocol.encode({ message, about }))
  }

  get authorization(): string | undefined {
    return this.#dependencies.head.headers.authorization
  }

  get subprotocol(): string {
    return this.#dependencies.webSocket.protocol
  }

  close(code: number, reason: string): void {
    const { webSocket } = this.#dependencies
    this.connection.close('protocol', () => {
      // A paused client must be read again, so that its close frame arrives.
      webSocket.resume()
      webSocket.close(code, reason.slice(0, LONGEST_REASON))
    })
  }

  /** Returns a heartbeat that also lets the endpoint act on what has become due. */
  reviewed(heartbeat: Heartbeat): Heartbeat {
    if (this.#session.review === undefined) return heartbeat
    return now => {
      this.#session.review?.(now)
      return heartbeat(now)
    }
  }

  end(): void {
    // A client may still send until it has read the close frame.
    this.#dependencies.webSocket.removeAllListeners('message')
    this.#pending = undefined
    this.#session.onDisconnect()
    this.subscriptions.clear()
  }

  /** Pauses a client that sends without reading, so that answers do not pile up here. */
  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#pending === undefined) {
      this.#handle(data, isBinary)
      if (this.connection.owesAnswers) this.#pause()
    } else this.#pending.push({ data, isBinary })
  }

  #pause(): void {
    this.#pending ??= new Ring()
    this.#dependencies.webSocket.pause()
    const resume = () => this.#resume()
    this.#dependencies.connection.onDrain = resume
  }

  #resume(): void {
    while (!this.connection.owesAnswers) {
      const next = this.#pending?.shift()
      if (next === undefined) {
        this.#pending = undefined
        this.#dependencies.webSocket.resume()
        return
      }
      this.#handle(next.data, next.isBinary)
    }
    this.#pause()
  }

  #handle(data: Buffer, isBinary: boolean): void {
    const { clock, endpoint, limits, onException, onFrame } = this.#dependencies
    const { protocol } = endpoint
    this.heardAt = clock.now()
    let message: SocketMessage | undefined
    let refusal: SocketRefusal | undefined
    try {
      message = protocol.decode(data, isBinary, limits.current.jsonDepth)
      act(message, this.#served)
    } catch (error) {
      if (!(error instanceof SocketRefusal)) return onException(error)
      refusal = error
      if (!error.isAnswered) this.#refuse(error, message)
    }
    onFrame(data.length, refusal?.code)
  }

  #refuse(refusal: SocketRefusal, message: SocketMessage | undefined): void {
    const { protocol } = this.#dependencies.endpoint
    const violation = protocol.violation?.(refusal)
    if (violation === undefined) this.connection.enqueue(protocol.refuse(refusal, message))
    else this.close(violation.code, violation.reason)
  }
}
