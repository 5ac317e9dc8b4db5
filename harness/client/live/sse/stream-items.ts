/** A stream as its reader needs it. */
export interface ItemStream<Item> {
  /** Takes the next item if it is here; else returns undefined. */
  takeNext(): Item | undefined
  /** Resolves with the next item; undefined at the end. */
  next(): Promise<Item | undefined>
  /** Ends it. Resolves once nothing more is received. */
  release(): Promise<unknown>
}

/**
 * The items of a stream, for one `for await`. The stream is opened with the first, and ends with the loop. Not a generator, whose queue and
 * promises take as long as all the rest that is done for an event.
 */
export class StreamItems<Item> implements AsyncIterableIterator<Item, undefined, undefined> {
  readonly #open: () => ItemStream<Item>
  #left: number
  #stream: ItemStream<Item> | undefined
  #isOver = false

  /** @param most number of items after which it ends */
  constructor(open: () => ItemStream<Item>, most = Number.POSITIVE_INFINITY) {
    this.#open = open
    this.#left = most
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#stream !== undefined && this.#left > 0 && !this.#isOver) {
      const item = this.#stream.takeNext()
      if (item !== undefined) {
        this.#left -= 1
        return Promise.resolve({ value: item, done: false })
      }
    }
    return this.#wait()
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#isOver = true
    await this.#stream?.release()
    return { value: undefined, done: true }
  }

  async #wait(): Promise<IteratorResult<Item, undefined>> {
    if (this.#isOver) return { value: undefined, done: true }
    this.#stream ??= this.#open()
    if (this.#left <= 0) return this.return()
    this.#left -= 1
    let item: Item | undefined
    try {
      item = await this.#stream.next()
    } catch (error) {
      await this.return()
      throw error
    }
    return item === undefined ? this.return() : { value: item, done: false }
  }
}
