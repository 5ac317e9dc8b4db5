import { isObject } from '../../../core/check.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Bearer } from '../../exchange/bearer.ts'
import type { Connection } from '../../connections/connection.ts'
import type { AnswerAbout, Frame } from '../../connections/frame.ts'
import { refusal } from '../../connections/frame.ts'
import { SentFrame } from '../../protocols/sent-frame.ts'
import { countedCode, SocketRefusal } from '../../protocols/refusal.ts'
import { act, type Served } from '../../sockets/act.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import type { Subscriptions } from '../../sockets/subscriptions.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { JsonError, readJson } from '../../json/read-json.ts'
import { DeliveredPlaces } from './delivered-places.ts'
import type { GatewayNamespace } from './namespace.ts'
import { RejectedEvent } from './rejected-event.ts'
import { answerPacket, eventNameIn } from './packet.ts'
import type { MemberState, RecoveredState } from './recoveries.ts'

/** An event of a client, as the library decoded it and as it was written. */
export interface EmittedEvent {
  name: unknown
  /** JSON of the name and the arguments. */
  text: string
  /** Set if the client wants an acknowledgement. */
  id: number | undefined
}

export interface MemberDependencies {
  clock: Clock
  jsonDepth: () => number
  recoveryEvents: () => number
  subscriptions: Subscriptions
}

interface RoomAnswer {
  type?: string
  channel?: unknown
  sequence?: number
}

/** A client in one namespace: the endpoint behind it serves it as it serves a WebSocket. */
export class NamespaceMember implements Peer {
  readonly subscriptions: Subscriptions
  readonly outlet: Pick<Connection, 'enqueue'>
  readonly places: DeliveredPlaces
  readonly #namespace: GatewayNamespace
  readonly #peer: Peer
  readonly #dependencies: MemberDependencies
  readonly #served: Served
  /** The acknowledgement that is due. */
  #ack: number | undefined
  /** Whether answers are left out, because the client did not ask. */
  #isQuiet = false

  constructor(namespace: GatewayNamespace, peer: Peer, dependencies: MemberDependencies) {
    this.#namespace = namespace
    this.#peer = peer
    this.#dependencies = dependencies
    this.subscriptions = dependencies.subscriptions
    this.places = new DeliveredPlaces(dependencies.recoveryEvents)
    this.outlet = { enqueue: frame => this.#send(namespace.encoder.packetOf(frame)) }
    const { endpoint } = namespace
    this.#served = {
      endpoint,
      clock: dependencies.clock,
      session: endpoint.onConnect(this),
      onPong: frame => this.#answer(jsonIn(frame), frame.about as AnswerAbout),
    }
  }

  /** @throws SocketRefusal once it has been answered */
  serve(event: EmittedEvent): void {
    this.#ack = event.id
    try {
      this.#act(event)
    } catch (error) {
      const failure = refusalOf(error)
      if (failure === undefined) throw error
      const answer = {
        type: 'error',
        code: failure.code,
        detail: failure.message,
        in_reply_to: String(event.name),
        ...(error instanceof RejectedEvent && { rejected: 1 }),
      }
      this.#answer(JSON.stringify(answer), refusal)
      throw new SocketRefusal(countedCode(failure.code), failure.message, true)
    }
  }

  reply(message: object | string, about: AnswerAbout): void {
    if (this.#isQuiet) return
    if (typeof message === 'object') this.#note(message)
    this.#answer(typeof message === 'string' ? message : JSON.stringify(message), about)
  }

  /** Follows again what was followed before the connection was lost, and sends what was missed. */
  recover({ names, recovered }: RecoveredState): void {
    const { endpoint } = this.#namespace
    this.#isQuiet = true
    for (const name of names) {
      const body = { [endpoint.protocol.verb]: 'subscribe', ...this.#namespace.again(name, this, recovered) }
      const after = recovered.after.get(name)
      if (after !== undefined) this.places.begin(name, after)
      try {
        act({ action: 'subscribe', body, sent: new SentFrame(JSON.stringify(body)) }, this.#served)
        this.#namespace.replay?.(name, this, recovered)
      } catch (error) {
        // The place may have become too many or unreadable: then it is as if the client had left it.
        if (refusalOf(error) === undefined) throw error
      }
    }
    this.#isQuiet = false
  }

  /** The state that is kept when the connection is lost. */
  get state(): MemberState {
    const { tenant, bearer } = this.exchange
    return { tenant, subject: bearer?.subject, names: [...this.subscriptions], places: this.places }
  }

  end(): void {
    this.#served.session.onDisconnect()
    this.subscriptions.clear()
  }

  get key(): string {
    return this.#peer.key
  }

  get tenant(): string {
    return this.#peer.tenant
  }

  get bearer(): Bearer | undefined {
    return this.exchange.bearer
  }

  get query(): Peer['query'] {
    return this.#peer.query
  }

  get connection(): Connection {
    return this.#peer.connection
  }

  get exchange(): Peer['exchange'] {
    return this.#peer.exchange
  }

  get authorization(): string | undefined {
    return this.#peer.authorization
  }

  get subprotocol(): string {
    return ''
  }

  get heardAt(): number {
    return this.#peer.heardAt
  }

  close(code: number, reason: string): void {
    this.#peer.close(code, reason)
  }

  #act({ name, text }: EmittedEvent): void {
    let values: unknown
    try {
      values = readJson(text, this.#dependencies.jsonDepth() + 1)
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      throw new SocketRefusal(error.code, error.message)
    }
    const [, ...given] = values as unknown[]
    const [argument = {}] = given
    if (given.length > 1 || !isObject(argument)) {
      throw new SocketRefusal('invalid_request', `expected one object as the argument of ${String(name).slice(0, 80)}`)
    }
    const { verb } = this.#served.endpoint.protocol
    const sent = new SentFrame(given.length === 0 ? '{}' : argumentIn(text))
    act({ action: name, body: { ...argument, [verb]: name }, sent }, this.#served)
  }

  /** Notes places in rooms that answers tell. */
  #note({ type, channel, sequence }: RoomAnswer): void {
    if (sequence === undefined) return
    if (type === 'message_ack') this.places.own(String(channel), sequence)
    else if (type === 'subscription_confirmed') this.places.begin(String(channel), sequence)
  }

  #send(packet: Frame): ReturnType<Connection['enqueue']> {
    this.places.sent(packet.about)
    return this.connection.enqueue(packet)
  }

  #answer(argument: string, about: AnswerAbout): void {
    const packet = answerPacket(this.#namespace.name, this.#ack, { name: eventNameIn(argument), argument }, about)
    this.#ack = undefined
    this.connection.enqueue(packet)
  }
}

function jsonIn({ bytes, payloadBytes }: Frame): string {
  return bytes.toString('utf8', bytes.length - payloadBytes)
}

/** Returns the JSON of the only argument in `["name", argument]`. */
function argumentIn(text: string): string {
  const start = /^\s*\[\s*"(?:[^"\\]|\\.)*"\s*,/.exec(text)?.[0].length ?? 0
  return text.slice(start, text.lastIndexOf(']')).trim()
}

/** Returns what a client is told of an error; undefined for a defect of the target. */
function refusalOf(error: unknown): { code: string; message: string } | undefined {
  return error instanceof SocketRefusal || error instanceof ProblemError ? error : undefined
}
