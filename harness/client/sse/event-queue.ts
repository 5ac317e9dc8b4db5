/** What can be told to wait. */
export interface Source {
  pause(): void
  resume(): void
}

/** Past the high mark the source is paused, so that it, too, feels the slow reader; at the low mark it goes on. */
const HIGH_MARK = 256
const LOW_MARK = 64

/** Where events wait for a scenario. */
export class EventQueue<T> {
  readonly #source: Source
  #items: T[] = []
  /** Items before it were taken: cheaper than shifting each time. */
  #takenCount = 0
  #paused = false
  #waiting: { resolve(item: T | undefined): void; reject(error: Error): void } | undefined
  #ended = false
  #error: Error | undefined

  constructor(source: Source) {
    this.#source = source
  }

  push(item: T): void {
    if (this.#ended) return
    if (this.#waiting !== undefined) {
      this.#waiting.resolve(item)
      this.#waiting = undefined
      return
    }
    this.#items.push(item)
    if (this.#size < HIGH_MARK) return
    // Each time, because the source may have been replaced since it was paused.
    this.#paused = true
    this.#source.pause()
  }

  /** The next item, or undefined at the end. One caller at a time. */
  next(): Promise<T | undefined> {
    if (this.#size > 0) return Promise.resolve(this.#take())
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#ended) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** No more will come; what waits may still be taken, and then the error is thrown if there is one. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    if (error === undefined) this.#waiting?.resolve(undefined)
    else this.#waiting?.reject(error)
    this.#waiting = undefined
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

  #take(): T {
    const item = this.#items[this.#takenCount] as T
    this.#takenCount += 1
    if (this.#takenCount >= HIGH_MARK || this.#size === 0) {
      this.#items = this.#items.slice(this.#takenCount)
      this.#takenCount = 0
    }
    if (this.#paused && this.#size <= LOW_MARK) {
      this.#paused = false
      this.#source.resume()
    }
    return item
  }
}
