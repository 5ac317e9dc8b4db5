/** What can be told to wait. */
export interface Source {
  pause(): void
  resume(): void
}

export type Match<T> = (item: T) => boolean

/** A wait for one item. */
export interface Expectation<T> {
  /** Undefined when it was given up. */
  readonly item: Promise<T | undefined>
  readonly giveUp: () => void
}

/** Past the high mark the source is paused, so that it, too, feels the slow reader; at the low mark it goes on. */
const HIGH_MARK = 256
const LOW_MARK = 64

/**
 * Where what arrived waits for a scenario. Who waits for one item in particular comes before who takes any, and must not
 * wait in vain behind what nobody takes: while there is such a wait the source goes on when all is full, and the oldest
 * give way.
 */
export class Inbox<T> {
  readonly #source: Source
  /** Somebody takes what comes, or ought to. */
  #read: boolean
  #items: T[] = []
  /** Items before it were taken: cheaper than shifting each time. */
  #takenCount = 0
  #paused = false
  /** Who takes any. */
  readonly #takers: Wait<T>[] = []
  /** Who waits for one in particular. */
  readonly #seekers: Wait<T>[] = []
  #lastOrders = false
  #ended = false
  #error: Error | undefined

  /** @param options.yieldsUntilRead for a reader that may never come: until it does, the oldest give way as well. */
  constructor(source: Source, { yieldsUntilRead = false } = {}) {
    this.#source = source
    this.#read = !yieldsUntilRead
  }

  push(item: T): void {
    if (this.#ended) return
    // A copy, because who cannot say what it wants leaves while it is asked.
    const seeker = this.#seekers.length === 0 ? undefined : this.#seekers.slice().find(wait => wait.wants(item))
    if (seeker !== undefined) return this.#settle(seeker, item)
    const taker = this.#takers[0]
    if (taker !== undefined) return this.#settle(taker, item)
    this.#items.push(item)
    if (this.#size < HIGH_MARK) return
    if (this.#seekers.length > 0 || !this.#read) this.#take(this.#takenCount)
    else this.#pause()
  }

  /** The next item, or the next that matches; undefined at the end. */
  next(match?: Match<T>): Promise<T | undefined> {
    return this.await(match).item
  }

  /** The same, for who may lose patience. */
  await(match?: Match<T>): Expectation<T> {
    this.#read = true
    const at =
      match === undefined
        ? this.#takenCount
        : this.#items.findIndex((item, at) => at >= this.#takenCount && match(item))
    if (at !== -1 && at < this.#items.length) return settled(Promise.resolve(this.#take(at)))
    if (this.#error !== undefined) return settled(Promise.reject(this.#error))
    if (this.#ended || this.#lastOrders) return settled<T>(Promise.resolve(undefined))
    return this.#wait(match === undefined ? this.#takers : this.#seekers, match, false)
  }

  /** The first that matches of those yet to come, be it after `takeLastOrders`. */
  expect(match: Match<T>): Expectation<T> {
    if (this.#ended) return settled<T>(Promise.resolve(undefined))
    return this.#wait(this.#seekers, match, true)
  }

  /** What was expected of a connection does not come any more. */
  giveUpExpectations(): void {
    for (const wait of this.#seekers.filter(({ fresh }) => fresh)) this.#settle(wait, undefined)
  }

  /** From now on what is there may be taken, but nobody waits for more. */
  takeLastOrders(): void {
    this.#lastOrders = true
    for (const wait of [...this.#takers, ...this.#seekers]) if (!wait.fresh) this.#settle(wait, undefined)
  }

  /** No more will come; what waits may still be taken, and then the error is thrown if there is one. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    for (const wait of [...this.#takers, ...this.#seekers]) {
      if (error === undefined || wait.fresh) this.#settle(wait, undefined)
      else this.#fail(wait, error)
    }
  }

  /** Nothing more is wanted, not even what waits. */
  discard(): void {
    this.#items = []
    this.#takenCount = 0
    this.end()
  }

  get #size(): number {
    return this.#items.length - this.#takenCount
  }

  #wait(queue: Wait<T>[], match: Match<T> | undefined, fresh: boolean): Expectation<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
    const wait: Wait<T> = {
      queue,
      fresh,
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

  #settle(wait: Wait<T>, item: T | undefined): void {
    this.#remove(wait)
    wait.resolve(item)
  }

  #fail(wait: Wait<T>, error: Error): void {
    this.#remove(wait)
    wait.reject(error)
  }

  #remove(wait: Wait<T>): void {
    const at = wait.queue.indexOf(wait)
    if (at !== -1) wait.queue.splice(at, 1)
    if (this.#seekers.length === 0 && this.#read && this.#size >= HIGH_MARK) this.#pause()
  }

  #take(at: number): T {
    const item = this.#items[at] as T
    if (at === this.#takenCount) this.#takenCount += 1
    else this.#items.splice(at, 1)
    if (this.#takenCount >= HIGH_MARK || this.#size === 0) {
      this.#items = this.#items.slice(this.#takenCount)
      this.#takenCount = 0
    }
    if (this.#size <= LOW_MARK) this.#resume()
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

interface Wait<T> {
  /** The one it stands in. */
  queue: Wait<T>[]
  wants: Match<T>
  /** For what is yet to come only. */
  fresh: boolean
  resolve(item: T | undefined): void
  reject(error: Error): void
}

function settled<T>(item: Promise<T | undefined>): Expectation<T> {
  return { item, giveUp() {} }
}
