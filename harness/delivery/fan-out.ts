import type { Tags } from '../metrics/catalog.ts'
import type { Clock } from '../../core/clock.ts'
import {
  type FanOutReceipt,
  type FanOutReceipts,
  mergeReceipts,
  noReceipts,
  receiptsOf,
} from '../metrics/fan-out-receipts.ts'
import type { Recorder } from '../metrics/recorder.ts'

/** Maximum number of sequences that are followed. */
const MOST_SEQUENCES = 4096
/** Maximum number of events followed at once, over all sequences. Beyond it, each new event closes the oldest. */
const MOST_EVENTS = 4096
/** Maximum number of receipts recorded per second, because each costs time. Above it, only every other event is followed. */
const MOST_RECEIPTS_PER_SECOND = 20_000

/** One event that consumers receive. */
interface Followed {
  sequence: FanOutSequence
  ordinal: number
  firstAt: number
  lastAt: number
  receipts: number
}

/**
 * Measures how far apart the consumers of one generator receive the same event. Each event is followed from its first
 * receipt until a fixed number of later events are followed, or until the end. Later receipts are not counted. While events
 * are few, all are followed; then every second, fourth, eighth … of a sequence.
 */
export class FanOut {
  readonly #clock: Clock
  readonly #sequences = new Map<string, FanOutSequence>()
  /** Oldest first. */
  readonly #followed = new Set<Followed>()
  /** Other workers may have received the same events. */
  readonly #isShared: boolean
  #receipts = noReceipts
  /** Closed events that are not yet among the receipts. */
  #closed: FanOutReceipt[] = []
  readonly #wallOffsetMs: number
  #stride = 1
  #secondEndsAt = 0
  #receivedThisSecond = 0

  /** @param isShared whether other workers have consumers of the same events. */
  constructor(clock: Clock, isShared = false) {
    this.#clock = clock
    this.#isShared = isShared
    this.#wallOffsetMs = clock.wallTime() - clock.now()
  }

  /** Returns the receipts of all closed events, if the run is shared. */
  receipts(): FanOutReceipts {
    this.#receipts = mergeReceipts(this.#receipts, receiptsOf(this.#closed, this.#stride))
    this.#closed = []
    return this.#receipts
  }

  /** Returns the sequence of a partition, a channel or a symbol; undefined if there are too many. */
  of(name: string, recorder: Recorder, tags: Tags): FanOutSequence | undefined {
    const known = this.#sequences.get(name)
    if (known !== undefined || this.#sequences.size >= MOST_SEQUENCES) return known
    const sequence = new FanOutSequence(this, name, recorder, tags)
    this.#sequences.set(name, sequence)
    return sequence
  }

  /** Tells whether events with this ordinal are sampled. */
  samples(ordinal: number): boolean {
    return ordinal % this.#stride === 0
  }

  received(sequence: FanOutSequence, ordinal: number): void {
    const now = this.#clock.now()
    this.#limit(now)
    let followed = sequence.events.get(ordinal)
    if (followed === undefined) {
      if (ordinal <= sequence.closedUpTo) return
      followed = { sequence, ordinal, firstAt: now, lastAt: now, receipts: 0 }
      sequence.events.set(ordinal, followed)
      this.#followed.add(followed)
      if (this.#followed.size > MOST_EVENTS) this.#close(this.#followed.values().next().value as Followed)
    }
    followed.lastAt = now
    followed.receipts += 1
  }

  /** Closes all events: no more receipts follow. */
  end(): void {
    for (const followed of this.#followed) this.#close(followed)
  }

  #limit(now: number): void {
    if (now >= this.#secondEndsAt) {
      this.#secondEndsAt = now + 1000
      this.#receivedThisSecond = 0
    }
    this.#receivedThisSecond += 1
    if (this.#receivedThisSecond <= MOST_RECEIPTS_PER_SECOND) return
    this.#receivedThisSecond = 0
    this.#stride *= 2
    // The later receipts of the others would be missed.
    for (const followed of this.#followed) if (!this.samples(followed.ordinal)) this.#forget(followed)
  }

  #close(followed: Followed): void {
    const { sequence, ordinal, firstAt, lastAt, receipts } = followed
    if (this.#isShared) {
      const { name, tags } = sequence
      const [first, last] = [firstAt + this.#wallOffsetMs, lastAt + this.#wallOffsetMs]
      this.#closed.push({ sequence: name, ordinal, tags, firstAt: first, lastAt: last, receipts })
      if (this.#closed.length >= MOST_EVENTS) this.receipts()
    } else if (receipts > 1) sequence.recorder.time('event_fanout_skew', sequence.tags, lastAt - firstAt, firstAt)
    sequence.closedUpTo = Math.max(sequence.closedUpTo, ordinal)
    this.#forget(followed)
  }

  #forget(followed: Followed): void {
    followed.sequence.events.delete(followed.ordinal)
    this.#followed.delete(followed)
  }
}

/** The events of one sequence that are followed now. */
export class FanOutSequence {
  readonly name: string
  readonly recorder: Recorder
  readonly tags: Tags
  readonly events = new Map<number, Followed>()
  /** Highest ordinal of a closed event. Receipts of events up to it are too late. */
  closedUpTo = -1
  readonly #fanOut: FanOut

  constructor(fanOut: FanOut, name: string, recorder: Recorder, tags: Tags) {
    this.#fanOut = fanOut
    this.name = name
    // Consumers of an event may belong to different loads.
    this.recorder = recorder.whole ?? recorder
    this.tags = tags
  }

  received(ordinal: number): void {
    if (this.#fanOut.samples(ordinal)) this.#fanOut.received(this, ordinal)
  }
}
