import type { Configuration } from '../configuration/configuration.ts'
import type { SlowConsumerPolicy } from '../../contract/streams.ts'
import { parseDuration } from '../../core/duration.ts'
import { Ring } from '../../core/ring.ts'
import type { MemoryTable } from '../memory/budget.ts'
import { beginWaiting, endWaiting, type EventAbout, type Frame, waitingCost } from './frame.ts'

/** Limits on the frames that wait for one client, and the policy when they are reached. */
export interface SlowConsumerBudget {
  policy: SlowConsumerPolicy
  budgetBytes: number
  budgetAgeMs: number
  /** Whether the client is told about drops. */
  notify: boolean
}

export function readBudget({ budgetAge, ...rest }: Configuration['streams']['slowConsumer']): SlowConsumerBudget {
  return { ...rest, budgetAgeMs: parseDuration(budgetAge) }
}

/** Events that were dropped since the client was last told. */
export interface Gap {
  dropped: number
  from: EventAbout
  to: EventAbout
}

/** `overflow`: the budget is spent and the policy is `disconnect`. The frame is kept, to be counted as unsent. */
export type Admission = 'admitted' | 'dropped' | 'overflow'

/** Empty places are removed when they outnumber both this limit and the frames. */
const MOST_EMPTY_PLACES = 64

/**
 * The frames that wait for one client, within its budget. Answers wait among the events and count against the budget, but no
 * policy drops them. Instead, the client's input is paused while too many answers wait.
 */
export class Outbox {
  /**
   * Frames in order. A frame dropped from the middle leaves undefined in its place; the front is never undefined. The ring
   * starts small, because usually nothing waits.
   */
  #frames = new Ring<Frame | undefined>(1)
  #queuedAt = new Ring<number>(1)
  /** Number of places removed from the front so far; it converts ordinals to indexes. */
  #firstOrdinal = 0
  /** No event waits at a lower ordinal. */
  #eventsFrom = 0
  /** Ordinals of the frames by key, from the moment a conflating client's budget is spent until nothing waits. */
  #ordinalOf: Map<string, number> | undefined
  readonly #memory: MemoryTable
  readonly #onDrop: (policy: SlowConsumerPolicy, frame: Frame) => void
  #length = 0
  #events = 0
  #bytes = 0
  #answerBytes = 0
  #gap: Gap | undefined

  /** @param memory table of all outboxes; without room in it, the budget of each client with waiting frames is spent */
  constructor(memory: MemoryTable, onDrop: (policy: SlowConsumerPolicy, frame: Frame) => void) {
    this.#memory = memory
    this.#onDrop = onDrop
  }

  get length(): number {
    return this.#length
  }

  /** Whether nothing waits, and its client knows of all drops. */
  get isClear(): boolean {
    return this.#length === 0 && this.#gap === undefined
  }

  /** Number of waiting frames that carry an event. The others only answer this client. */
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

  /** @param socketBytes bytes waiting in the socket; they count against the budget too */
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

  /** Adds a frame regardless of the budget. */
  push(frame: Frame, now: number): void {
    if (this.#frames.length > 2 * this.#length + MOST_EMPTY_PLACES) this.#removeEmptyPlaces()
    this.#append(frame, now)
  }

  /** Applies the age budget while nothing is offered; returns false if the policy requires the connection to close. */
  expire(now: number, budget: SlowConsumerBudget): boolean {
    const { policy } = budget
    if (policy === 'disconnect') return !this.#isTooOld(now, budget)
    if (policy !== 'drop_newest') while (this.#isTooOld(now, budget)) this.#dropOldest(policy)
    return true
  }

  /** When the oldest frame may be taken; undefined if it may at any time. */
  get heldUntil(): number | undefined {
    return this.#frames.at(0)?.held?.dueAt
  }

  /**
   * Takes frames, oldest first, until they are `leastBytes` long, or all that are due at `now`. Without `now` all are
   * due.
   */
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

  /** Yields all waiting frames, oldest first. */
  *frames(): Generator<Frame, void, undefined> {
    for (let index = 0; index < this.#frames.length; index += 1) {
      const frame = this.#frames.at(index)
      if (frame !== undefined) yield frame
    }
  }

  /** Takes frames out of turn, oldest first, so that another connection can send them. */
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
  takeGap(): Gap | undefined {
    const gap = this.#gap
    this.#gap = undefined
    return gap
  }

  /** A frame with nothing before it always fits: a budget smaller than one event must not silence a stream. */
  #isSpent(frame: Frame, socketBytes: number, now: number, budget: SlowConsumerBudget): boolean {
    const waitingBytes = this.#bytes + socketBytes
    if (waitingBytes > 0 && waitingBytes + frame.bytes.length > budget.budgetBytes) return true
    if (!this.hasMemoryFor(frame)) return true
    return this.#isTooOld(now, budget)
  }

  /** Whether there is memory to keep the frame waiting. */
  hasMemoryFor(frame: Frame): boolean {
    return this.#memory.hasRoom(waitingCost(frame))
  }

  /** With the policy `disconnect` the age of answers counts, too. The other policies drop only events. */
  #isTooOld(now: number, { policy, budgetAgeMs }: SlowConsumerBudget): boolean {
    if (this.#length === 0) return false
    const index = policy === 'disconnect' ? 0 : this.#oldestEvent
    const queuedAt = this.#queuedAt.at(index)
    return queuedAt !== undefined && now - queuedAt > budgetAgeMs
  }

  #append(frame: Frame, now: number): void {
    const { key, about, bytes } = frame
    beginWaiting(frame, this.#memory)
    if (key !== undefined) this.#ordinalOf?.set(key, this.#firstOrdinal + this.#frames.length)
    this.#frames.push(frame)
    this.#queuedAt.push(now)
    this.#length += 1
    this.#bytes += bytes.length
    if (about.kind !== 'event') this.#answerBytes += bytes.length
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

  /** Updates the counts for a frame whose place is already empty. */
  #forget(frame: Frame): void {
    const { key, about, bytes } = frame
    endWaiting(frame, this.#memory)
    if (key !== undefined) this.#ordinalOf?.delete(key)
    this.#length -= 1
    this.#bytes -= bytes.length
    if (about.kind !== 'event') this.#answerBytes -= bytes.length
    else this.#events -= 1
    while (this.#frames.length > 0 && this.#frames.at(0) === undefined) this.#shiftPlace()
    if (this.#length === 0) this.#ordinalOf = undefined
  }

  /** Index of the oldest event; past the end if none waits. Skipped frames are not examined again. */
  get #oldestEvent(): number {
    if (this.#events === 0) return this.#frames.length
    let index = Math.max(0, this.#eventsFrom - this.#firstOrdinal)
    while (this.#frames.at(index)?.about.kind !== 'event') index += 1
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

  /** Keeps only the newest frame of each key. */
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

  #removeEmptyPlaces(): void {
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
    // Only events are offered, and only events are dropped.
    const about = frame.about as EventAbout
    this.#gap = { dropped: (this.#gap?.dropped ?? 0) + 1, from: this.#gap?.from ?? about, to: about }
    this.#onDrop(policy, frame)
  }
}
