import type { Connection } from '../connections/connection.ts'
import type { SendResult } from '../connections/connection-options.ts'
import type { Frame } from '../connections/frame.ts'
import type { Outlet } from './subscription.ts'

type Refill = () => void

/** One connection that several subscriptions share. Each has a lane, which refills the connection when it has room. */
export class SubscriptionLanes {
  readonly #connection: Connection
  /** SubscriptionLanes that have kept events to send. */
  readonly #behind = new Map<SubscriptionLane, Refill>()
  readonly #refill = () => {
    for (const refill of this.#behind.values()) refill()
  }

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @param watch called with each frame of the subscription */
  open(subscription: string, watch?: (frame: Frame) => void): SubscriptionLane {
    return new SubscriptionLane(this.#connection, subscription, {
      watch,
      set: (lane, refill) => this.#set(lane, refill),
      refillOf: lane => this.#behind.get(lane),
      pull: () => this.#connection.pull(this.#refill),
    })
  }

  #set(lane: SubscriptionLane, refill: Refill | undefined): void {
    if (refill === undefined) this.#behind.delete(lane)
    else this.#behind.set(lane, refill)
    this.#connection.refill = this.#behind.size === 0 ? undefined : this.#refill
  }
}

interface LaneDependencies {
  watch: ((frame: Frame) => void) | undefined
  set: (lane: SubscriptionLane, refill: Refill | undefined) => void
  refillOf: (lane: SubscriptionLane) => Refill | undefined
  pull: () => void
}

/** The part of a connection that belongs to one subscription: it sees only its own frames. */
export class SubscriptionLane implements Outlet {
  readonly #connection: Connection
  readonly #subscription: string
  readonly #dependencies: LaneDependencies
  #ended = false

  constructor(connection: Connection, subscription: string, dependencies: LaneDependencies) {
    this.#connection = connection
    this.#subscription = subscription
    this.#dependencies = dependencies
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes
  }

  get roomBytes(): number {
    return this.#connection.roomBytes
  }

  get refill(): Refill | undefined {
    return this.#dependencies.refillOf(this)
  }

  set refill(refill: Refill | undefined) {
    if (!this.#ended) this.#dependencies.set(this, refill)
  }

  enqueue(frame: Frame): SendResult {
    if (this.#ended) return 'closed'
    this.#dependencies.watch?.(frame)
    return this.#connection.enqueue(frame)
  }

  pull(refill: Refill): void {
    if (this.#ended) return
    this.#dependencies.set(this, refill)
    this.#dependencies.pull()
  }

  *waiting(): Generator<Frame, void, undefined> {
    for (const frame of this.#connection.waiting()) if (this.#owns(frame)) yield frame
  }

  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    return this.#connection.withdraw(frame => this.#owns(frame) && isWanted(frame))
  }

  /** Sends nothing more. */
  end(): void {
    this.#dependencies.set(this, undefined)
    this.#ended = true
  }

  #owns({ about }: Frame): boolean {
    return about.kind === 'event' && about.subscription === this.#subscription
  }
}
