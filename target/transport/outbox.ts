import type { Configuration } from '../../contract/configuration.ts'
import type { LaggedFrame, SlowConsumerPolicy } from '../../contract/streams.ts'
import { parseDuration } from '../../core/duration.ts'
import { Ring } from '../../core/ring.ts'
import type { MemoryTable } from '../memory/budget.ts'
import { beginWaiting, endWaiting, type Frame, waitingCost } from './frame.ts'

/** Limits of what may wait for one client, and the policy once they are reached. */
export interface SlowConsumerBudget {
  policy: SlowConsumerPolicy
  budgetBytes: number
  budgetAgeMs: number
  /** Whether the client is told what was dropped. */
  notify: boolean
}

export function readBudget({ budgetAge, ...rest }: Configuration['streams']['slowConsumer']): SlowConsumerBudget {
  return { ...rest, budgetAgeMs: parseDuration(budgetAge) }
}

/** `overflow`: the budget is spent, and the policy is `disconnect`. The frame is kept, to be counted as unsent. */
export type Admission = 'admitted' | 'dropped' | 'overflow'

/** Past this many, empty places are cleared away once they are more than the frames. */
const MOST_EMPTY_PLACES = 64

/**
 * The frames that wait for one client, under its budget. Answers to what it asked wait among the events and spend the
 * budget too, but no policy takes them away: whoever makes them stops while too many wait.
 */
export class Outbox {
  /** Undefined where a frame was dropped out of turn; never at the front. Small until something waits: mostly nothing does. */
  #frames = new Ring<Frame | undefined>(1)
  #queuedAt = new Ring<number>(1)
  /** How many places were ever left at the front: what turns an ordinal into an index. */
  #firstOrdinal = 0
  /** No event waits at an ordinal below. */
  #eventsFrom = 0
  /** From the moment a conflating client's budget was spent until nothing waits: the ordinal of the frame of each key. */
  #ordinalOf: Map<string, number> | undefined
  readonly #memory: MemoryTable
  readonly #onDrop: (policy: SlowConsumerPolicy, frame: Frame) => void
  #length = 0
  #events = 0
  #bytes = 0
  #answerBytes = 0
  #gap: LaggedFrame | undefined

  /** @param memory of all outboxes; when it is spent, so is the budget of each client that something waits for */
  constructor(memory: MemoryTable, onDrop: (policy: SlowConsumerPolicy, frame: Frame) => void) {
    this.#memory = memory
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

  /** Bytes of answers among these. */
  get answerBytes(): number {
    return this.#answerBytes
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
        while (this.#events > 0 && this.#isSpent(frame, socketBytes, now, budget)) this.#dropOldest(policy)
      }
      if (this.#isSpent(frame, socketBytes, now, budget)) {
        this.#countDrop(frame, policy)
        return 'dropped'
      }
    }
    this.#dropOlderOf(frame.key, policy)
    this.push(frame, now)
    return 'admitted'
  }

  /** Whatever the budget says. */
  push(frame: Frame, now: number): void {
    if (this.#frames.length > 2 * this.#length + MOST_EMPTY_PLACES) this.#closeRanks()
    this.#append(frame, now)
  }

  /** Applies the age budget while nothing is offered; false when the policy wants the connection closed. */
  expire(now: number, budget: SlowConsumerBudget): boolean {
    const { policy } = budget
    if (policy === 'disconnect') return !this.#isTooOld(now, budget)
    if (policy !== 'drop_newest') while (this.#isTooOld(now, budget)) this.#dropOldest(policy)
    return true
  }

  /** When the oldest may be taken; undefined when it may at any time. */
  get heldUntil(): number | undefined {
    return this.#frames.at(0)?.held?.dueAt
  }

  /** Frames for the socket, oldest first, until they are `leastBytes`, or all whose time has come: all, unless `now` is said. */
  take(leastBytes: number, now = Number.POSITIVE_INFINITY): Frame[] {
    const taken: Frame[] = []
    for (let bytes = 0; bytes < leastBytes && this.#length > 0; ) {
      if ((this.heldUntil ?? now) > now) break
      const frame = this.#shift()
      bytes += frame.bytes.length
      taken.push(frame)
    }
    return taken
  }

  /** All that waits, oldest first. */
  *frames(): Generator<Frame, void, undefined> {
    for (let index = 0; index < this.#frames.length; index += 1) {
      const frame = this.#frames.at(index)
      if (frame !== undefined) yield frame
    }
  }

  /** Takes frames out of turn, for somebody else to send; oldest first. */
  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    const withdrawn: Frame[] = []
    const [first, end] = [this.#firstOrdinal, this.#firstOrdinal + this.#frames.length]
    for (let ordinal = first; ordinal < end; ordinal += 1) {
      const index = ordinal - this.#firstOrdinal
      const frame = this.#frames.at(index)
      if (frame === undefined || !isWanted(frame)) continue
      this.#frames.replace(index, undefined)
      this.#forget(frame)
      withdrawn.push(frame)
    }
    return withdrawn
  }

  /** Returns the drops since the last call. */
  takeGap(): LaggedFrame | undefined {
    const gap = this.#gap
    this.#gap = undefined
    return gap
  }

  /** A frame that has nothing before it always fits: a budget below the size of one event must not mute a stream. */
  #isSpent(frame: Frame, socketBytes: number, now: number, budget: SlowConsumerBudget): boolean {
    const waitingBytes = this.#bytes + socketBytes
    if (waitingBytes > 0 && waitingBytes + frame.bytes.length > budget.budgetBytes) return true
    if (!this.hasMemoryFor(frame)) return true
    return this.#isTooOld(now, budget)
  }

  /** Whether the process has memory to keep it waiting. */
  hasMemoryFor(frame: Frame): boolean {
    return this.#memory.hasRoom(waitingCost(frame))
  }

  /** A client that leaves answers unread is as slow as any; where events are dropped, it is their age that counts. */
  #isTooOld(now: number, { policy, budgetAgeMs }: SlowConsumerBudget): boolean {
    if (this.#length === 0) return false
    const index = policy === 'disconnect' ? 0 : this.#oldestEvent
    const queuedAt = this.#queuedAt.at(index)
    return queuedAt !== undefined && now - queuedAt > budgetAgeMs
  }

  #append(frame: Frame, now: number): void {
    const { key, cursor, bytes } = frame
    beginWaiting(frame, this.#memory)
    if (key !== undefined) this.#ordinalOf?.set(key, this.#firstOrdinal + this.#frames.length)
    this.#frames.push(frame)
    this.#queuedAt.push(now)
    this.#length += 1
    this.#bytes += bytes.length
    if (cursor === '') this.#answerBytes += bytes.length
    else this.#events += 1
  }

  #shift(): Frame {
    const frame = this.#shiftPlace() as Frame
    this.#forget(frame)
    return frame
  }

  #shiftPlace(): Frame | undefined {
    this.#firstOrdinal += 1
    this.#queuedAt.shift()
    return this.#frames.shift()
  }

  /** Its place is empty by now. */
  #forget(frame: Frame): void {
    const { key, cursor, bytes } = frame
    endWaiting(frame, this.#memory)
    if (key !== undefined) this.#ordinalOf?.delete(key)
    this.#length -= 1
    this.#bytes -= bytes.length
    if (cursor === '') this.#answerBytes -= bytes.length
    else this.#events -= 1
    while (this.#frames.length > 0 && this.#frames.at(0) === undefined) this.#shiftPlace()
    if (this.#length === 0) this.#ordinalOf = undefined
  }

  /** Its index; past the end when none waits. What was passed over once is not looked at again. */
  get #oldestEvent(): number {
    if (this.#events === 0) return this.#frames.length
    let index = Math.max(0, this.#eventsFrom - this.#firstOrdinal)
    while ((this.#frames.at(index)?.cursor ?? '') === '') index += 1
    this.#eventsFrom = this.#firstOrdinal + index
    return index
  }

  #dropOldest(policy: SlowConsumerPolicy): void {
    this.#dropAt(this.#oldestEvent, policy)
  }

  /** Drops the older frame with this key, which the newer one replaces. */
  #dropOlderOf(key: string | undefined, policy: SlowConsumerPolicy): void {
    const ordinal = key === undefined ? undefined : this.#ordinalOf?.get(key)
    if (ordinal !== undefined) this.#dropAt(ordinal - this.#firstOrdinal, policy)
  }

  /** Keeps of each key the newest frame only. */
  #conflate(policy: SlowConsumerPolicy): void {
    const ordinalOf = new Map<string, number>()
    const [first, end] = [this.#firstOrdinal, this.#firstOrdinal + this.#frames.length]
    for (let ordinal = first; ordinal < end; ordinal += 1) {
      const key = this.#frames.at(ordinal - first)?.key
      if (key !== undefined) ordinalOf.set(key, ordinal)
    }
    for (let ordinal = first; ordinal < end; ordinal += 1) {
      const key = this.#frames.at(ordinal - this.#firstOrdinal)?.key
      if (key !== undefined && ordinalOf.get(key) !== ordinal) this.#dropAt(ordinal - this.#firstOrdinal, policy)
    }
    this.#ordinalOf = ordinalOf
  }

  /** Leaves no empty place. */
  #closeRanks(): void {
    const [frames, queuedAt] = [this.#frames, this.#queuedAt]
    this.#frames = new Ring()
    this.#queuedAt = new Ring()
    this.#eventsFrom = this.#firstOrdinal
    this.#ordinalOf &&= new Map()
    this.#length = this.#events = this.#bytes = this.#answerBytes = 0
    for (let index = 0; index < frames.length; index += 1) {
      const frame = frames.at(index)
      if (frame === undefined) continue
      endWaiting(frame, this.#memory)
      this.#append(frame, queuedAt.at(index) as number)
    }
  }

  #dropAt(index: number, policy: SlowConsumerPolicy): void {
    const frame = this.#frames.at(index) as Frame
    this.#frames.replace(index, undefined)
    this.#forget(frame)
    this.#countDrop(frame, policy)
  }

  #countDrop(frame: Frame, policy: SlowConsumerPolicy): void {
    const { cursor } = frame
    this.#gap = { dropped: (this.#gap?.dropped ?? 0) + 1, from: this.#gap?.from ?? cursor, to: cursor }
    this.#onDrop(policy, frame)
  }
}
