import type { FrameMatch, JsonFrame } from '../../scenario/sockets.ts'

/** A source that can be paused. */
export interface Source {
  pause(): void
  resume(): void
}

export type Matcher<T> = (item: T) => boolean

/**
 * Returns the match as a function. An object matches frames that have the same values in its fields.
 * @throws TypeError for options in the place of a match, which no frame would ever meet.
 */
export function matcherOf(match: FrameMatch<unknown>): Matcher<unknown> {
  if (typeof match === 'function') return match
  const wanted = Object.entries(match)
  if (wanted.length === 1 && wanted[0]?.[0] === 'timeout') {
    throw new TypeError(
      'expected a match before { timeout }, as in receive(undefined, { timeout }); match frames by their field timeout with a function',
    )
  }
  return frame =>
    typeof frame === 'object' && frame !== null && wanted.every(([name, value]) => (frame as JsonFrame)[name] === value)
}

/** Returns the type that a match asks for; undefined if frames of several types may match. */
export function typeIn(match: FrameMatch<unknown>): string | undefined {
  const type = typeof match === 'function' ? undefined : match['type']
  return typeof type === 'string' ? type : undefined
}

/** A wait for one item. */
export interface ItemWait<T> {
  /** Resolves with undefined when the wait is given up. */
  readonly item: Promise<T | undefined>
  readonly giveUp: () => void
}

/** The source is paused at the high mark, so that a slow reader slows it down, and resumed at the low mark. */
const HIGH_MARK = 256
const LOW_MARK = 64
/** The same marks in bytes, because a few large items take as much memory as many small ones. */
const HIGH_BYTES = 4 * 1024 * 1024
const LOW_BYTES = HIGH_BYTES / 4

/**
 * Holds received items until a scenario takes them. A wait for a particular item has priority over waits for any item. Items that
 * are never taken must not block it: during such a wait, a full inbox drops its oldest items instead of pausing the source.
 */
export class Inbox<T> {
  readonly #source: Source
  readonly #open: ((item: T) => T) | undefined
  /** True once the scenario reads, or from the beginning if it is expected to. */
  #read: boolean
  #items: T[] = []
  /** Size of each item, and the total of those not yet taken. */
  #sizes: number[] = []
  #bytes = 0
  /** Number of items at the front that were taken. Shifting each time would cost more. */
  #takenCount = 0
  #paused = false
  /** Waits for any item. */
  readonly #takers: InboxWait<T>[] = []
  /** Waits for a particular item. */
  readonly #seekers: InboxWait<T>[] = []
  #waitsNoMore = false
  #ended = false
  #error: Error | undefined

  /**
   * @param options.yieldsUntilRead drops the oldest items until something reads.
   * @param options.open turns an item that came before the first read into what is read.
   */
  constructor(source: Source, { yieldsUntilRead = false, open }: InboxOptions<T> = {}) {
    this.#source = source
    this.#open = open
    this.#read = !yieldsUntilRead
  }

  /** Whether something has read. */
  get isRead(): boolean {
    return this.#read
  }

  /** Tells whether a wait may be for an item of this type. */
  mayWant(type: string): boolean {
    return this.#seekers.length > 0 && this.#seekers.some(wait => wait.type === undefined || wait.type === type)
  }

  /** @param bytes approximate size of the item. */
  push(item: T, bytes = 0): void {
    if (this.#ended) return
    // A copy, because a seeker whose match throws is removed meanwhile.
    const seeker = this.#seekers.length === 0 ? undefined : this.#seekers.slice().find(wait => wait.wants(item))
    if (seeker !== undefined) return this.#settle(seeker, item)
    const taker = this.#takers[0]
    if (taker !== undefined) return this.#settle(taker, item)
    this.#items.push(item)
    this.#sizes.push(bytes)
    this.#bytes += bytes
    if (!this.#isFull) return
    if (this.#seekers.length === 0 && this.#read) return this.#pause()
    if (this.#size >= HIGH_MARK) this.#take(this.#takenCount)
    while (this.#bytes >= HIGH_BYTES && this.#size > 1) this.#take(this.#takenCount)
  }

  /** Takes the next item if it is here; else returns undefined. */
  takeNext(): T | undefined {
    if (this.#takenCount === this.#items.length) return undefined
    if (!this.#read) this.#beginReading()
    return this.#take(this.#takenCount)
  }

  /** Resolves with the next item, or the next that matches; undefined at the end. */
  next(match?: Matcher<T>): Promise<T | undefined> {
    const item = match === undefined ? this.takeNext() : undefined
    return item === undefined ? this.await(match).item : Promise.resolve(item)
  }

  /** Waits like `next`, for a caller that may give up. */
  await(match?: Matcher<T>): ItemWait<T> {
    if (!this.#read) this.#beginReading()
    const at =
      match === undefined
        ? this.#takenCount
        : this.#items.findIndex((item, at) => at >= this.#takenCount && match(item))
    if (at !== -1 && at < this.#items.length) return settled(Promise.resolve(this.#take(at)))
    if (this.#error !== undefined) return settled(Promise.reject(this.#error))
    if (this.#ended || this.#waitsNoMore) return settled<T>(Promise.resolve(undefined))
    return this.#wait(match === undefined ? this.#takers : this.#seekers, match, false)
  }

  /**
   * Waits for the first match among later items, even after `stopWaiting`.
   * @param type of all items that match.
   */
  expect(match: Matcher<T>, type?: string): ItemWait<T> {
    if (this.#ended) return settled<T>(Promise.resolve(undefined))
    return this.#wait(this.#seekers, match, true, type)
  }

  /** Ends the waits of `expect`, because their connection is lost. */
  giveUpExpectations(): void {
    for (const wait of this.#seekers.filter(({ fresh }) => fresh)) this.#settle(wait, undefined)
  }

  /** Ends all other waits. Items in the inbox may still be taken. */
  stopWaiting(): void {
    this.#waitsNoMore = true
    for (const wait of [...this.#takers, ...this.#seekers]) if (!wait.fresh) this.#settle(wait, undefined)
  }

  /** Ends the input. Items in the inbox may still be taken; then the error, if any, is thrown. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    for (const wait of [...this.#takers, ...this.#seekers]) {
      if (error === undefined || wait.fresh) this.#settle(wait, undefined)
      else this.#fail(wait, error)
    }
  }

  /** Drops all items and ends the input. */
  discard(): void {
    this.#items = []
    this.#sizes = []
    this.#bytes = 0
    this.#takenCount = 0
    this.end()
  }

  get #size(): number {
    return this.#items.length - this.#takenCount
  }

  get #isFull(): boolean {
    return this.#size >= HIGH_MARK || this.#bytes >= HIGH_BYTES
  }

  #beginReading(): void {
    this.#read = true
    if (this.#open !== undefined) this.#items = this.#items.map(this.#open)
  }

  #wait(queue: InboxWait<T>[], match: Matcher<T> | undefined, fresh: boolean, type?: string): ItemWait<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
    const wait: InboxWait<T> = {
      queue,
      fresh,
      type,
      resolve,
      reject,
      wants: item => {
        try {
          return match!(item)
        } catch (error) {
          this.#fail(wait, error as Error)
          return false
        }
      },
    }
    queue.push(wait)
    if (queue === this.#seekers) this.#resume()
    return { item: promise, giveUp: () => this.#settle(wait, undefined) }
  }

  #settle(wait: InboxWait<T>, item: T | undefined): void {
    this.#remove(wait)
    wait.resolve(item)
  }

  #fail(wait: InboxWait<T>, error: Error): void {
    this.#remove(wait)
    wait.reject(error)
  }

  #remove(wait: InboxWait<T>): void {
    const at = wait.queue.indexOf(wait)
    if (at !== -1) wait.queue.splice(at, 1)
    if (this.#seekers.length === 0 && this.#read && this.#isFull) this.#pause()
  }

  #take(at: number): T {
    const item = this.#items[at] as T
    this.#bytes -= this.#sizes[at] ?? 0
    if (at === this.#takenCount) {
      this.#takenCount += 1
    } else {
      this.#items.splice(at, 1)
      this.#sizes.splice(at, 1)
    }
    if (this.#takenCount >= HIGH_MARK || this.#size === 0) {
      this.#items = this.#items.slice(this.#takenCount)
      this.#sizes = this.#sizes.slice(this.#takenCount)
      this.#takenCount = 0
    }
    if (this.#size <= LOW_MARK && this.#bytes <= LOW_BYTES) this.#resume()
    return item
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#source.pause()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#source.resume()
  }
}

interface InboxOptions<T> {
  yieldsUntilRead?: boolean
  open?: (item: T) => T
}

interface InboxWait<T> {
  /** Queue that holds it. */
  queue: InboxWait<T>[]
  wants: Matcher<T>
  /** True if only later items match. */
  fresh: boolean
  /** Type of all items that match; undefined if they may have several. */
  type: string | undefined
  resolve(item: T | undefined): void
  reject(error: Error): void
}

function settled<T>(item: Promise<T | undefined>): ItemWait<T> {
  return { item, giveUp() {} }
}
