import type { StreamWindow } from '../exchange/account.ts'
import { type Frame, isEventOf } from '../connections/frame.ts'
import type { StoredEvent, Subscriber } from './event.ts'
import type { Stream } from './stream.ts'

/** A consumer, as its readers see it. */
export interface Consumer extends Subscriber {
  /** Name of the consumer in the ledger and the stats. */
  readonly key: string
  /** Called when a reader gets earlier events to read. */
  fallBehind(): void
  /** Frames that wait for its client, oldest first. */
  waiting(): Iterable<Frame>
  /** Removes the waiting frames that pass, and returns them. */
  withdraw(isWanted: (frame: Frame) => boolean): Frame[]
}

/** One consumer's place in one stream. It reads kept events up to the head, and receives each new event from then on. */
export interface Reader {
  readonly stream: Stream
  /** Number of events read or received that the consumer did not ask for. */
  filtered: number
  /** Whether it is at the head and receives each event as it is published. */
  readonly isLive: boolean
  goLive(): void
  /** Offers its consumer each event from now on, and stays where it is. */
  listen(): void
  /** The next event to read, until `advance`; undefined at the head. */
  peek(): StoredEvent | undefined
  advance(): void
  /** Skips the events that retention removed before they could be read; returns their number. */
  skipEvicted(): number
  /** Counts the stream's events so far, except for those sent. */
  window(): StreamWindow
  /** Wall time in ms. */
  end(now: number): void
}

/** Counts the frames that wait for the consumer and carry an event of this stream. */
export function queuedOf(consumer: Consumer, stream: Stream): number {
  let queued = 0
  for (const frame of consumer.waiting()) if (isEventOf(stream.name, frame)) queued += 1
  return queued
}

/** Reads all of a stream. */
export class StreamReader implements Reader {
  readonly stream: Stream
  filtered = 0
  isLive = false
  readonly #consumer: Consumer
  /** Ordinal of the first event it was offered, even if that no longer exists. */
  readonly #start: number
  #next: number
  #expired: number

  /** Begins after the event with this sequence. The `lost` events that followed it no longer exist. */
  constructor(stream: Stream, consumer: Consumer, after: number, lost: number) {
    this.stream = stream
    this.#consumer = consumer
    this.#next = stream.history.ordinalAfter(after)
    this.#start = this.#next - lost
    this.#expired = lost
    stream.followers += 1
  }

  goLive(): void {
    this.isLive = true
    this.listen()
  }

  /** Subscribes the consumer itself instead of this reader, which saves a call per event. */
  listen(): void {
    this.stream.subscribe(this.#consumer)
  }

  peek(): StoredEvent | undefined {
    return this.isLive ? undefined : this.stream.history.at(this.#next)
  }

  advance(): void {
    this.#next += 1
  }

  skipEvicted(): number {
    const count = this.isLive ? 0 : this.stream.history.firstOrdinal - this.#next
    if (count <= 0) return 0
    this.#next += count
    this.#expired += count
    return count
  }

  window(): StreamWindow {
    const { stream, filtered } = this
    const end = stream.history.endOrdinal
    const unread = this.isLive ? 0 : end - this.#next
    return {
      stream: stream.name,
      offered: end - this.#start,
      takenOver: 0,
      filtered,
      elsewhere: 0,
      expired: this.#expired,
      unsent: unread + queuedOf(this.#consumer, stream),
    }
  }

  end(): void {
    this.stream.followers -= 1
    this.stream.unsubscribe(this.#consumer)
  }
}

/** Returns the reader whose next event comes first in the order of the tenant; undefined if all are at the head. */
export function nextReader(readers: readonly Reader[]): Reader | undefined {
  let next: Reader | undefined
  let nextSequence = Number.POSITIVE_INFINITY
  for (const reader of readers) {
    const sequence = reader.peek()?.sequence
    if (sequence !== undefined && sequence < nextSequence) {
      next = reader
      nextSequence = sequence
    }
  }
  return next
}
