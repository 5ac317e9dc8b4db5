import type { LaggedFrame, SlowConsumerPolicy } from '../../contract/streams.ts'
import { Ring } from '../../core/ring.ts'
import type { Frame } from './frame.ts'

/** What may wait for one client, and what happens when that is spent. */
export interface SlowConsumerBudget {
  policy: SlowConsumerPolicy
  budgetBytes: number
  budgetAgeMs: number
  /** Whether the client is told what was dropped. */
  notify: boolean
}

/** `overflow`: the policy is `disconnect` and the budget is spent. The frame is kept, to be counted as unsent. */
export type Admission = 'admitted' | 'dropped' | 'overflow'

/** The frames that wait for one client, under its budget. */
export class Outbox {
  readonly #frames = new Ring<Frame>()
  readonly #queuedAt = new Ring<number>()
  readonly #onDrop: (policy: SlowConsumerPolicy, frames: number) => void
  #bytes = 0
  #gap: LaggedFrame | undefined

  constructor(onDrop: (policy: SlowConsumerPolicy, frames: number) => void) {
    this.#onDrop = onDrop
  }

  get length(): number {
    return this.#frames.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** `socketBytes` were taken by the socket and wait there: they spend the budget too. */
  offer(frame: Frame, socketBytes: number, now: number, budget: SlowConsumerBudget): Admission {
    if (budget.policy === 'drop_oldest') {
      while (this.#frames.length > 0 && this.#isSpent(frame, socketBytes, now, budget)) this.#dropOldest(budget)
    }
    const spent = this.#isSpent(frame, socketBytes, now, budget)
    if (spent && budget.policy !== 'disconnect') {
      this.#drop(frame, budget)
      return 'dropped'
    }
    this.#push(frame, now)
    return spent ? 'overflow' : 'admitted'
  }

  /** Applies the age budget while nothing is offered; false when the policy wants the connection closed. */
  expire(now: number, budget: SlowConsumerBudget): boolean {
    if (budget.policy === 'drop_oldest') {
      while (this.#isTooOld(now, budget)) this.#dropOldest(budget)
    }
    return budget.policy !== 'disconnect' || !this.#isTooOld(now, budget)
  }

  /** Frames for the socket, oldest first, until they are `leastBytes` or all. */
  take(leastBytes: number): Frame[] {
    const taken: Frame[] = []
    for (let bytes = 0; bytes < leastBytes && this.#frames.length > 0; ) {
      const frame = this.#shift()
      bytes += frame.chunk.length
      taken.push(frame)
    }
    return taken
  }

  /** What was dropped since the last call. */
  takeGap(): LaggedFrame | undefined {
    const gap = this.#gap
    this.#gap = undefined
    return gap
  }

  /** A frame that has nothing before it always fits: a budget below the size of one event must not mute a stream. */
  #isSpent(frame: Frame, socketBytes: number, now: number, budget: SlowConsumerBudget): boolean {
    const waitingBytes = this.#bytes + socketBytes
    if (waitingBytes > 0 && waitingBytes + frame.chunk.length > budget.budgetBytes) return true
    return this.#isTooOld(now, budget)
  }

  #isTooOld(now: number, budget: SlowConsumerBudget): boolean {
    const oldest = this.#queuedAt.at(0)
    return oldest !== undefined && now - oldest > budget.budgetAgeMs
  }

  #push(frame: Frame, now: number): void {
    this.#frames.push(frame)
    this.#queuedAt.push(now)
    this.#bytes += frame.chunk.length
  }

  #shift(): Frame {
    const frame = this.#frames.shift() as Frame
    this.#queuedAt.shift()
    this.#bytes -= frame.chunk.length
    return frame
  }

  #dropOldest(budget: SlowConsumerBudget): void {
    this.#drop(this.#shift(), budget)
  }

  #drop({ cursor }: Frame, { policy }: SlowConsumerBudget): void {
    this.#gap = { dropped: (this.#gap?.dropped ?? 0) + 1, from: this.#gap?.from ?? cursor, to: cursor }
    this.#onDrop(policy, 1)
  }
}
