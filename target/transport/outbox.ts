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

/**
 * `overflow`: the budget is spent, and the policy is `disconnect`, or would have to take away an answer that the client asked
 * for. The frame is kept, to be counted as unsent.
 */
export type Admission = 'admitted' | 'dropped' | 'overflow'

/** Past this many, empty places are cleared away once they are more than the frames. */
const MOST_EMPTY_PLACES = 64

/** The frames that wait for one client, under its budget. */
export class Outbox {
  /** Undefined where a newer frame of the same key has made one worthless; never at the front. */
  #frames = new Ring<Frame | undefined>()
  #queuedAt = new Ring<number>()
  /** How many places were ever left at the front: what turns an ordinal into an index. */
  #firstOrdinal = 0
  /** From the moment a conflating client's budget was spent until nothing waits: the ordinal of the frame of each key. */
  #ordinalOf: Map<string, number> | undefined
  readonly #onDrop: (policy: SlowConsumerPolicy, frames: number) => void
  #length = 0
  /** Of these, frames that carry an event. */
  #events = 0
  #bytes = 0
  #gap: LaggedFrame | undefined

  constructor(onDrop: (policy: SlowConsumerPolicy, frames: number) => void) {
    this.#onDrop = onDrop
  }

  get length(): number {
    return this.#length
  }

  /** Frames that carry an event, and are counted in the ledger; the others answer the client alone. */
  get events(): number {
    return this.#events
  }

  get bytes(): number {
    return this.#bytes
  }

  /** `socketBytes` were taken by the socket and wait there: they spend the budget too. */
  offer(frame: Frame, socketBytes: number, now: number, budget: SlowConsumerBudget): Admission {
    const { policy } = budget
    if (this.#isSpent(frame, socketBytes, now, budget)) {
      if (policy === 'disconnect') {
        this.push(frame, now)
        return 'overflow'
      }
      if (policy === 'conflate' && this.#ordinalOf === undefined && this.#length > 0) this.#conflate(policy)
      this.#dropOlderOf(frame.key, policy)
      if (policy !== 'drop_newest') {
        while (this.#length > 0 && this.#isSpent(frame, socketBytes, now, budget)) {
          if (this.#beginsWithAnswer) {
            this.push(frame, now)
            return 'overflow'
          }
          this.#drop(this.#shift(), policy)
        }
      }
      if (this.#isSpent(frame, socketBytes, now, budget)) {
        this.#drop(frame, policy)
        return 'dropped'
      }
    }
    this.#dropOlderOf(frame.key, policy)
    this.push(frame, now)
    return 'admitted'
  }

  /** Applies the age budget while nothing is offered; false when the policy wants the connection closed. */
  expire(now: number, budget: SlowConsumerBudget): boolean {
    const { policy } = budget
    if (policy === 'drop_oldest' || policy === 'conflate') {
      while (this.#isTooOld(now, budget)) {
        if (this.#beginsWithAnswer) return false
        this.#drop(this.#shift(), policy)
      }
    }
    return policy !== 'disconnect' || !this.#isTooOld(now, budget)
  }

  /** Frames for the socket, oldest first, until they are `leastBytes` or all. */
  take(leastBytes: number): Frame[] {
    const taken: Frame[] = []
    for (let bytes = 0; bytes < leastBytes && this.#length > 0; ) {
      const frame = this.#shift()
      bytes += frame.bytes.length
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
    if (waitingBytes > 0 && waitingBytes + frame.bytes.length > budget.budgetBytes) return true
    return this.#isTooOld(now, budget)
  }

  #isTooOld(now: number, budget: SlowConsumerBudget): boolean {
    const oldest = this.#queuedAt.at(0)
    return oldest !== undefined && now - oldest > budget.budgetAgeMs
  }

  /** Whatever the budget says. */
  push(frame: Frame, now: number): void {
    if (frame.key !== undefined) this.#ordinalOf?.set(frame.key, this.#firstOrdinal + this.#frames.length)
    this.#frames.push(frame)
    this.#queuedAt.push(now)
    this.#length += 1
    if (frame.cursor !== '') this.#events += 1
    this.#bytes += frame.bytes.length
  }

  #shift(): Frame {
    const frame = this.#shiftPlace() as Frame
    if (frame.key !== undefined) this.#ordinalOf?.delete(frame.key)
    this.#length -= 1
    if (frame.cursor !== '') this.#events -= 1
    this.#bytes -= frame.bytes.length
    this.#skipEmptyPlaces()
    return frame
  }

  get #beginsWithAnswer(): boolean {
    return this.#frames.at(0)?.cursor === ''
  }

  #shiftPlace(): Frame | undefined {
    this.#firstOrdinal += 1
    this.#queuedAt.shift()
    return this.#frames.shift()
  }

  /** Of a key only the newest is worth having. */
  #dropOlderOf(key: string | undefined, policy: SlowConsumerPolicy): void {
    const ordinal = key === undefined ? undefined : this.#ordinalOf?.get(key)
    if (ordinal === undefined) return
    const index = ordinal - this.#firstOrdinal
    const older = this.#frames.at(index) as Frame
    this.#frames.replace(index, undefined)
    this.#ordinalOf?.delete(key as string)
    this.#length -= 1
    this.#events -= 1
    this.#bytes -= older.bytes.length
    this.#skipEmptyPlaces()
    if (this.#frames.length > 2 * this.#length + MOST_EMPTY_PLACES) this.#conflate(policy)
    this.#drop(older, policy)
  }

  /** Keeps of each key the newest frame only, and no empty place. */
  #conflate(policy: SlowConsumerPolicy): void {
    const [frames, queuedAt] = [this.#frames, this.#queuedAt]
    const newest = new Map<string, Frame>()
    for (let index = 0; index < frames.length; index += 1) {
      const frame = frames.at(index)
      if (frame?.key !== undefined) newest.set(frame.key, frame)
    }
    this.#frames = new Ring()
    this.#queuedAt = new Ring()
    this.#ordinalOf = new Map()
    this.#length = this.#events = this.#bytes = 0
    for (let index = 0; index < frames.length; index += 1) {
      const frame = frames.at(index)
      if (frame === undefined) continue
      if (frame.key === undefined || newest.get(frame.key) === frame) this.push(frame, queuedAt.at(index) as number)
      else this.#drop(frame, policy)
    }
  }

  #skipEmptyPlaces(): void {
    while (this.#frames.length > 0 && this.#frames.at(0) === undefined) this.#shiftPlace()
    if (this.#length === 0) this.#ordinalOf = undefined
  }

  #drop({ cursor }: Frame, policy: SlowConsumerPolicy): void {
    this.#gap = { dropped: (this.#gap?.dropped ?? 0) + 1, from: this.#gap?.from ?? cursor, to: cursor }
    this.#onDrop(policy, 1)
  }
}
