import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { SocketsAccount } from '../../contract/ledger.ts'
import type { SocketProblemCode } from '../../contract/sockets/frames.ts'
import type { CloseReason, DropReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import { Histogram } from '../../core/histogram.ts'
import type { HandedOver, SocketBook, SocketsBook, Unsettled } from '../exchange/account.ts'
import { Counts, InjectedCounts } from './counts.ts'

/** WebSockets that were opened during a run and their traffic, by endpoint. */
export class SocketsSection implements SocketsBook {
  readonly openSockets = new Set<OpenSocket>()
  #refused = 0
  readonly #endpoints = new Map<SocketOperation, EndpointCounts>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  refused(): void {
    this.#refused += 1
  }

  open(operation: SocketOperation): SocketBook {
    let counts = this.#endpoints.get(operation)
    if (counts === undefined) this.#endpoints.set(operation, (counts = new EndpointCounts()))
    counts.opened += 1
    const book = new OpenSocket(this, counts, this.#clock)
    this.openSockets.add(book)
    return book
  }

  /** Counts the deliveries of open WebSockets. Call it before a report. */
  settle(): void {
    for (const { unsettled } of this.openSockets) unsettled?.settle()
  }

  report(): SocketsAccount {
    return {
      refused: this.#refused,
      open: this.openSockets.size,
      endpoints: [...this.#endpoints].map(([operation, counts]) => ({ operation, ...counts.report() })),
    }
  }
}

class EndpointCounts {
  opened = 0
  received = 0
  delivered = 0
  unsent = 0
  pings = 0
  missedPongs = 0
  readonly refusals = new Counts()
  readonly dropped = new Counts()
  readonly injected = new InjectedCounts()
  readonly closed = new Counts()
  readonly lifetime = new Histogram()

  report(): Omit<SocketsAccount['endpoints'][number], 'operation'> {
    return {
      opened: this.opened,
      closed: this.closed.toJSON(),
      received: this.received,
      refusals: this.refusals.toJSON(),
      delivered: this.delivered,
      dropped: this.dropped.toJSON(),
      ...this.injected.report(),
      unsent: this.unsent,
      pings: this.pings,
      missedPongs: this.missedPongs,
      lifetime: this.lifetime.toJSON(),
    }
  }
}

class OpenSocket implements SocketBook {
  readonly #section: SocketsSection
  readonly #counts: EndpointCounts
  readonly #clock: Clock
  readonly #openedAt: number
  unsettled: Unsettled | undefined

  constructor(section: SocketsSection, counts: EndpointCounts, clock: Clock) {
    this.#section = section
    this.#counts = counts
    this.#clock = clock
    this.#openedAt = clock.now()
  }

  heard(refusal: SocketProblemCode | undefined): void {
    this.#counts.received += 1
    if (refusal !== undefined) this.#counts.refusals.add(refusal)
  }

  pinged(): void {
    this.#counts.pings += 1
  }

  missedPong(): void {
    this.#counts.missedPongs += 1
  }

  delivered({ events, malformed }: HandedOver): void {
    this.#counts.delivered += events
    this.#counts.injected.malformed += malformed
  }

  dropped(reason: DropReason): void {
    this.#counts.dropped.add(reason)
  }

  injected(what: 'duplicated' | 'reordered'): void {
    this.#counts.injected[what] += 1
  }

  closed(reason: CloseReason, unsentFrames: number): void {
    if (!this.#section.openSockets.delete(this)) return
    this.#counts.closed.add(reason)
    this.#counts.unsent += unsentFrames
    this.#counts.lifetime.record(this.#clock.now() - this.#openedAt)
  }
}
