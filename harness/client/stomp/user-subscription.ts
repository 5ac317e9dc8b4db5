import type { StompHeaders } from '../../../contract/stomp/frame.ts'
import { controlHeader } from '../../../contract/stomp/outcome.ts'
import type { Duration } from '../../../core/duration.ts'
import type { StompMessage, StompSubscribeOptions, StompSubscription } from '../../scenario/stomp.ts'
import type { Socket } from '../../scenario/sockets.ts'
import { AcknowledgedCursor } from './acknowledged-cursor.ts'
import type { ReceivedFrame } from './received-frame.ts'

/** The connection, as its subscriptions see it. */
export interface SubscriptionHost {
  readonly socket: Socket<ReceivedFrame>
  /** Sends a frame unless the connection that it is about has broken. Resolves with whether it was sent. */
  answer(command: string, headers: Record<string, string>, connection: number): Promise<boolean>
  unsubscribe(subscription: UserSubscription): Promise<void>
  readonly version: string
}

/** One `subscribe` of a scenario, over all connections. */
export class UserSubscription implements StompSubscription {
  readonly id: string
  readonly destination: string
  readonly #host: SubscriptionHost
  readonly #options: StompSubscribeOptions
  readonly #acknowledged = new AcknowledgedCursor()
  /** Cursor of the last message that came. */
  #received: string | undefined
  #isOver = false

  constructor(host: SubscriptionHost, id: string, destination: string, options: StompSubscribeOptions) {
    this.#host = host
    this.id = id
    this.destination = destination
    this.#options = options
  }

  /** Headers of its SUBSCRIBE: on another connection, it resumes after what has come, or was acknowledged. */
  get headers(): Record<string, string | undefined> {
    const { ack = 'auto', headers } = this.#options
    const cursor = ack === 'auto' ? this.#received : this.#acknowledged.cursor
    this.#acknowledged.restarted()
    return { id: this.id, destination: this.destination, ack, ...headers, ...(cursor !== undefined && { cursor }) }
  }

  /** Notes the place of a message at its receipt, because a scenario may read later than the connection breaks. */
  received(headers: StompHeaders): void {
    const { cursor, 'message-id': id = '' } = headers
    this.#received = cursor ?? this.#received
    if (headers[controlHeader] === undefined && this.#isAcknowledged) this.#acknowledged.received(id, cursor)
  }

  async next({ timeout }: { timeout?: Duration } = {}): Promise<StompMessage | undefined> {
    if (this.#isOver) return undefined
    const isOurs = ({ command, headers }: ReceivedFrame) =>
      command === 'MESSAGE' && headers['subscription'] === this.id && headers[controlHeader] === undefined
    const frame = await this.#host.socket.receive(isOurs, timeout === undefined ? {} : { timeout })
    return frame && new UserMessage(frame, this)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StompMessage, void, undefined> {
    for (let message = await this.next(); message !== undefined; message = await this.next()) yield message
  }

  async unsubscribe(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#host.unsubscribe(this)
  }

  /** @param transaction in which it counts */
  settle(command: 'ACK' | 'NACK', frame: ReceivedFrame, transaction?: string): Promise<boolean> {
    if (!this.#isAcknowledged) throw new TypeError(`expected a subscription with ack: 'client' or 'client-individual'`)
    const { 'message-id': id = '', ack = '' } = frame.headers
    if (command === 'ACK') this.#acknowledged.settled(id, this.#options.ack === 'client')
    const about: Record<string, string> = this.#host.version === '1.2' ? { id: ack } : { 'message-id': id }
    if (this.#host.version === '1.1') about['subscription'] = this.id
    return this.#host.answer(command, { ...about, ...(transaction !== undefined && { transaction }) }, frame.connection)
  }

  get #isAcknowledged(): boolean {
    return (this.#options.ack ?? 'auto') !== 'auto'
  }
}

/** A message as a scenario sees it. */
export class UserMessage implements StompMessage {
  readonly frame: ReceivedFrame
  readonly subscription: UserSubscription

  constructor(frame: ReceivedFrame, subscription: UserSubscription) {
    this.frame = frame
    this.subscription = subscription
  }

  get destination(): string {
    return this.frame.headers['destination'] ?? ''
  }

  get headers(): StompHeaders {
    return this.frame.headers
  }

  get body(): string {
    return this.frame.body
  }

  get redelivered(): boolean {
    return this.frame.headers['redelivered'] === 'true'
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  json<T = unknown>(): T {
    return JSON.parse(this.frame.body) as T
  }

  ack(): Promise<boolean> {
    return this.subscription.settle('ACK', this.frame)
  }

  nack(): Promise<boolean> {
    return this.subscription.settle('NACK', this.frame)
  }
}
