import { expect, test } from 'vitest'
import { StreamItems, type ItemStream } from '../../../../../../harness/client/live/sse/stream-items.ts'

/** A stream of numbers, of which those of each list come together. */
class Numbers implements ItemStream<number> {
  releases = 0
  readonly #lists: number[][]
  readonly #error: Error | undefined

  constructor(lists: number[][], error?: Error) {
    this.#lists = lists
    this.#error = error
  }

  takeNext(): number | undefined {
    return this.#lists[0]?.shift()
  }

  async next(): Promise<number | undefined> {
    await Promise.resolve()
    while (this.#lists.length > 0 && this.#lists[0]?.length === 0) this.#lists.shift()
    const item = this.#lists[0]?.shift()
    if (item === undefined && this.#error !== undefined) throw this.#error
    return item
  }

  release(): Promise<void> {
    this.releases += 1
    return Promise.resolve()
  }
}

async function read(items: AsyncIterable<number>, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = []
  for await (const item of items) {
    seen.push(item)
    if (seen.length === most) break
  }
  return seen
}

test('a loop takes all items in order, and then releases the stream once', async () => {
  const stream = new Numbers([[1, 2, 3], [], [4], [5, 6]])
  expect(await read(new StreamItems(() => stream))).toEqual([1, 2, 3, 4, 5, 6])
  expect(stream.releases).toBe(1)
})

test.each([0, 1, 2, 4])('a stream of at most %i items is released behind them', async most => {
  const stream = new Numbers([
    [1, 2, 3],
    [4, 5],
  ])
  expect(await read(new StreamItems(() => stream, most))).toEqual([1, 2, 3, 4].slice(0, most))
  expect(stream.releases).toBe(1)
})

test('a loop that ends early releases the stream', async () => {
  const stream = new Numbers([[1, 2, 3]])
  expect(await read(new StreamItems(() => stream), 2)).toEqual([1, 2])
  expect(stream.releases).toBe(1)
})

test('an error releases the stream, and no item follows it', async () => {
  const stream = new Numbers([[1]], new Error('broken'))
  const items = new StreamItems(() => stream)
  await items.next()
  await expect(items.next()).rejects.toThrow('broken')
  expect(stream.releases).toBe(1)
  expect(await items.next()).toEqual({ value: undefined, done: true })
})

test('a stream is opened with its first item, and not at all after a return', async () => {
  let opened = 0
  const open = () => {
    opened += 1
    return new Numbers([[1]])
  }
  const items = new StreamItems(open)
  expect(opened).toBe(0)
  await items.next()
  expect(opened).toBe(1)
  const unused = new StreamItems(open)
  await unused.return()
  expect(await unused.next()).toEqual({ value: undefined, done: true })
  expect(opened).toBe(1)
})
