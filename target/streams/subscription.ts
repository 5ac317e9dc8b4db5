import type { ResetFrame } from '../../contract/streams.ts'
import type { StreamBook, StreamWindow, WindowSource } from '../exchange/account.ts'
import { AudienceMember } from '../connections/audience-member.ts'
import { Recipient } from '../connections/audiences.ts'
import type { Connection } from '../connections/connection.ts'
import type { EventEncoder, StreamProtocol } from '../protocols/stream-protocol.ts'
import type { Frame } from '../connections/frame.ts'
import { type Filter, passes, type StoredEvent } from './event.ts'
import { type Consumer, nextReader, type Reader } from './reader.ts'
import { cursorBefore, type Resumption } from './resume.ts'
import type { Tenant } from './tenant.ts'

/** Maximum number of bytes of a replay that are enqueued at once, so that it does not block the event loop. */
const REFILL_BYTES = 65_536

/** Where a subscription sends its frames: a connection, or its part of a connection that several share. */
export type Outlet = Pick<
  Connection,
  'enqueue' | 'refill' | 'pull' | 'waiting' | 'withdraw' | 'bufferedBytes' | 'roomBytes'
>

export interface SubscriptionDependencies {
  tenant: Tenant
  resumption: Resumption
  filter: Filter | undefined
  protocol: StreamProtocol
  connection: Outlet
  book: StreamBook
}

/**
 * A connected consumer of some streams. It first reads their histories at the pace of its client, and goes live in the turn in
 * which it reaches their head, so that no event is missed or repeated.
 */
export class Subscription implements Consumer, WindowSource {
  readonly #tenant: Tenant
  readonly #filter: Filter | undefined
  readonly #protocol: StreamProtocol
  readonly #connection: Outlet
  readonly #book: StreamBook
  readonly #readers: readonly Reader[]

  constructor({ tenant, resumption, filter, protocol, connection, book }: SubscriptionDependencies) {
    this.#tenant = tenant
    this.#filter = filter
    this.#protocol = protocol
    this.#connection = connection
    this.#book = book
    this.#readers = resumption.open(this)
    book.source = this
  }

  /** @param reset sent before anything else */
  start(reset: ResetFrame | undefined): void {
    if (reset !== undefined) this.#sendReset(reset)
    const refill = () => this.#catchUp()
    this.#connection.refill = refill
    this.#catchUp()
  }

  get key(): string {
    return this.#book.key
  }

  /** The connection, if its client gets all events, in a format that others share. */
  get recipient(): Recipient<EventEncoder> | undefined {
    const [connection, protocol] = [this.#connection, this.#protocol]
    const isShared = this.#filter === undefined && protocol.isTransient === undefined
    return isShared && connection instanceof AudienceMember ? new Recipient(protocol, connection) : undefined
  }

  offer(event: StoredEvent): void {
    if (passes(this.#filter, event)) this.#connection.enqueue(event.frame(this.#protocol))
    else this.#readerOf(event).filtered += 1
  }

  fallBehind(): void {
    this.#connection.pull(() => this.#catchUp())
  }

  waiting(): Iterable<Frame> {
    return this.#connection.waiting()
  }

  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    return this.#connection.withdraw(isWanted)
  }

  windows(): readonly StreamWindow[] {
    return this.#readers.map(reader => reader.window())
  }

  /** Wall time in ms. */
  end(now: number): void {
    for (const reader of this.#readers) reader.end(now)
  }

  /** Sends kept events while the client keeps up. */
  #catchUp(): void {
    this.#reportEvicted()
    let sentBytes = 0
    for (let reader = nextReader(this.#readers); reader !== undefined; reader = nextReader(this.#readers)) {
      const event = reader.peek() as StoredEvent
      if (passes(this.#filter, event)) {
        const frame = event.frame(this.#protocol)
        const { bufferedBytes, roomBytes } = this.#connection
        if (sentBytes > 0 && sentBytes + frame.bytes.length > REFILL_BYTES) return
        if (bufferedBytes > 0 && frame.bytes.length > roomBytes) return
        sentBytes += frame.bytes.length
        // Before `enqueue`, which may close the connection: the event must not count as both unread and unsent.
        reader.advance()
        if (this.#connection.enqueue(frame) === 'closed') return
      } else {
        reader.filtered += 1
        reader.advance()
      }
    }
    for (const reader of this.#readers) if (!reader.isLive) reader.goLive()
    this.#connection.refill = undefined
  }

  #readerOf(event: StoredEvent): Reader {
    return this.#readers.find(({ stream }) => stream.name === event.position.stream) as Reader
  }

  /** Tells a client which events were evicted before it could read them. */
  #reportEvicted(): void {
    const lost = this.#readers
      .map(reader => ({ stream: reader.stream.name, count: reader.skipEvicted() }))
      .filter(({ count }) => count > 0)
    if (lost.length === 0) return
    this.#sendReset({ reason: 'retention', lost, cursor: cursorBefore(this.#tenant, this.#readers) })
  }

  #sendReset(reset: ResetFrame): void {
    if (this.#connection.enqueue(this.#protocol.reset(reset)) === 'sent') this.#book.reset()
  }
}
