import type { ResetFrame } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { StreamWindow } from '../exchange/account.ts'
import type { Frame } from '../connections/frame.ts'
import { type Filter, passes, type StoredEvent } from './event.ts'
import type { Consumer, Reader } from './reader.ts'
import { cursorBefore, resume, type StartPoint } from './resume.ts'
import type { Tenant } from './tenant.ts'

export interface PollRequest {
  exchange: Exchange
  tenant: Tenant
  stream: string
  filter: Filter | undefined
  group: string | undefined
  start: StartPoint
  /** Maximum number of events in the answer. */
  limit: number
  timeoutMs: number
  /** Aborted when the client leaves. */
  left: AbortSignal
}

export interface PollAnswered {
  events: readonly StoredEvent[]
  /** Cursor for the next poll. */
  cursor: string
  reset?: ResetFrame
}

/** Bytes of events after which an answer is complete. The event that passes this limit is still included. */
const MOST_BYTES = 4_194_304
/** Copies of each event in memory: its text, and the answer. */
const COPIES = 2

/** One long poll of a stream. With a group it is a member for its duration. */
export class Poll implements Consumer {
  readonly key: string
  readonly #request: PollRequest
  readonly #clock: Clock
  readonly #epoch: string
  readonly #reader: Reader
  readonly #events: StoredEvent[] = []
  #eventsBytes = 0
  #reset: ResetFrame | undefined
  #waiting = new AbortController()
  #isOver = false

  /** @throws ProblemError if the start does not exist */
  constructor(request: PollRequest, clock: Clock) {
    const { exchange, tenant, stream, start, group } = request
    this.key = exchange.key ?? 'poll'
    this.#request = request
    this.#clock = clock
    this.#epoch = tenant.epoch
    const { reset, open } = resume(tenant, [tenant.stream(stream)], start, group)
    this.#reset = reset
    this.#reader = open(this)[0] as Reader
  }

  /** Returns the answer; undefined if the client left, and nothing was taken for it. */
  async result(): Promise<PollAnswered | undefined> {
    const { left } = this.#request
    left.addEventListener('abort', this.#endWait, { once: true })
    try {
      await this.#wait()
      return left.aborted ? undefined : this.#answer()
    } finally {
      left.removeEventListener('abort', this.#endWait)
      this.#reader.end(this.#clock.wallTime())
    }
  }

  /** Answers with the events so far. */
  stopWaiting(): void {
    this.#isOver = true
    this.#endWait()
  }

  /** Skips unwanted events at once, so that retention does not count them as lost. */
  offer(): void {
    this.#collect()
    if (this.#hasAnswer) this.#endWait()
  }

  fallBehind(): void {
    this.#endWait()
  }

  /** Nothing waits: all events it reads are in its answer. */
  *waiting(): Iterable<Frame> {}

  withdraw(): Frame[] {
    return []
  }

  get #hasAnswer(): boolean {
    return this.#events.length > 0 || this.#reset !== undefined
  }

  readonly #endWait = () => this.#waiting.abort()

  async #wait(): Promise<void> {
    const { left, timeoutMs } = this.#request
    const until = this.#clock.now() + timeoutMs
    this.#collect()
    this.#reader.listen()
    while (!this.#hasAnswer && !this.#isOver && !left.aborted) {
      const leftMs = until - this.#clock.now()
      if (leftMs <= 0) return
      this.#waiting = new AbortController()
      await this.#clock.sleep(leftMs, this.#waiting.signal)
      this.#collect()
    }
  }

  /** Collects available events, as far as the answer has room. */
  #collect(): void {
    const { exchange, tenant, limit, filter, left } = this.#request
    if (left.aborted || tenant.epoch !== this.#epoch) return
    const reader = this.#reader
    const count = reader.skipEvicted()
    if (count > 0) {
      const lost = [{ stream: reader.stream.name, count }]
      this.#reset ??= { reason: 'retention', lost, cursor: cursorBefore(tenant, [reader]) }
    }
    while (this.#events.length < limit && this.#eventsBytes < MOST_BYTES) {
      const event = reader.peek()
      if (event === undefined) return
      if (passes(filter, event)) {
        // An event for which there is no memory is left for the next poll.
        if (!exchange.reserve(COPIES * (this.#eventsBytes + event.memoryBytes))) return
        this.#eventsBytes += event.memoryBytes
        this.#events.push(event)
      } else reader.filtered += 1
      reader.advance()
    }
  }

  #answer(): PollAnswered {
    const { exchange, tenant } = this.#request
    // The streams may have been reset while it waited.
    const isStale = tenant.epoch !== this.#epoch
    const cursor = isStale ? tenant.cursor(0) : cursorBefore(tenant, [this.#reader])
    const reset: ResetFrame | undefined = isStale ? { reason: 'epoch_changed', lost: 'unknown', cursor } : this.#reset
    exchange.account.polls.answered(this.#events.length, collectedOf(this.#reader.window()), reset !== undefined)
    return { events: this.#events, cursor, ...(reset && { reset }) }
  }
}

/** Counts only the collected events as offered. The rest is left for the next poll. */
function collectedOf({ unsent, offered, takenOver, ...window }: StreamWindow): StreamWindow {
  return { ...window, offered: offered - unsent, takenOver: Math.min(takenOver, offered - unsent), unsent: 0 }
}
