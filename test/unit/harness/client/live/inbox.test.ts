import { describe, expect, test } from 'vitest'
import { Inbox } from '../../../../../harness/client/live/inbox.ts'

function create(): { inbox: Inbox<number>; told: string[] } {
  const told: string[] = []
  const inbox = new Inbox<number>({ pause: () => told.push('pause'), resume: () => told.push('resume') })
  return { inbox, told }
}

const is = (wanted: number) => (item: number) => item === wanted

function fill(inbox: Inbox<number>, from: number, to: number): void {
  for (let item = from; item < to; item += 1) inbox.push(item)
}

test('an inbox delivers items in order, to a reader that waits and to one that comes later', async () => {
  const { inbox } = create()
  const waiting = inbox.next()
  fill(inbox, 0, 600)
  expect(await waiting).toBe(0)
  for (let item = 1; item < 600; item += 1) expect(await inbox.next()).toBe(item)
})

test('an inbox pauses its source when it is full, and resumes it when it is nearly empty', async () => {
  const { inbox, told } = create()
  fill(inbox, 0, 255)
  expect(told).toEqual([])
  inbox.push(255)
  expect(told).toEqual(['pause'])
  for (let item = 0; item < 191; item += 1) await inbox.next()
  expect(told).toEqual(['pause'])
  await inbox.next()
  expect(told).toEqual(['pause', 'resume'])
})

describe('a wait for a particular item', () => {
  test('takes the item from among those in the inbox, which keep their order', async () => {
    const { inbox } = create()
    inbox.push(7)
    expect(await inbox.next()).toBe(7)
    fill(inbox, 0, 5)
    expect(await inbox.next(is(3))).toBe(3)
    expect(await inbox.next(is(0))).toBe(0)
    expect([await inbox.next(), await inbox.next(), await inbox.next()]).toEqual([1, 2, 4])
  })

  test('does not find an item that was taken before', async () => {
    const { inbox } = create()
    fill(inbox, 0, 3)
    expect(await inbox.next()).toBe(0)
    inbox.stopWaiting()
    expect(await inbox.next(is(0))).toBeUndefined()
  })

  test('comes before an earlier wait for any item', async () => {
    const { inbox } = create()
    const [any, five, expected] = [inbox.next(), inbox.next(is(5)), inbox.expect(is(6))]
    inbox.push(6)
    inbox.push(5)
    inbox.push(4)
    expect({ any: await any, five: await five, item: await expected.item }).toEqual({ any: 4, five: 5, item: 6 })
  })

  test('can be limited to items that are yet to come', async () => {
    const { inbox } = create()
    inbox.push(1)
    const { item } = inbox.expect(is(1))
    inbox.push(1)
    expect(await item).toBe(1)
    expect(await inbox.next()).toBe(1)
  })

  test('takes nothing once it is given up', async () => {
    const { inbox } = create()
    const { item, giveUp } = inbox.expect(is(1))
    giveUp()
    giveUp()
    inbox.push(1)
    expect({ item: await item, next: await inbox.next() }).toEqual({ item: undefined, next: 1 })
  })

  test('is not blocked by items that nobody takes: the oldest are dropped', async () => {
    const { inbox, told } = create()
    fill(inbox, 0, 256)
    const { item } = inbox.expect(is(1000))
    expect(told).toEqual(['pause', 'resume'])
    fill(inbox, 256, 1001)
    expect(await item).toBe(1000)
    expect(await inbox.next()).toBe(1000 - 256)
    expect(told).toEqual(['pause', 'resume', 'pause'])
  })

  test('rejects when its match throws, and affects no other wait', async () => {
    const { inbox } = create()
    const { item } = inbox.expect(() => {
      throw new TypeError('no such field')
    })
    const other = inbox.expect(is(1))
    inbox.push(1)
    await expect(item).rejects.toThrow('no such field')
    expect(await other.item).toBe(1)
  })
})

test('an inbox that yields until read does not pause its source before the first read', async () => {
  const told: string[] = []
  const source = { pause: () => told.push('pause'), resume: () => told.push('resume') }
  const inbox = new Inbox<number>(source, { yieldsUntilRead: true })
  fill(inbox, 0, 1000)
  expect(told).toEqual([])
  expect(await inbox.next()).toBe(1000 - 255)
  fill(inbox, 1000, 1002)
  expect(told).toEqual(['pause'])
})

test('stopWaiting ends all waits except those for items yet to come', async () => {
  const { inbox } = create()
  const [any, seven, expected] = [inbox.next(), inbox.next(is(7)), inbox.expect(is(8))]
  inbox.stopWaiting()
  expect({ any: await any, seven: await seven }).toEqual({ any: undefined, seven: undefined })
  inbox.push(8)
  inbox.push(9)
  expect(await expected.item).toBe(8)
  expect([await inbox.next(), await inbox.next(), await inbox.next(is(9))]).toEqual([9, undefined, undefined])
})

test('giveUpExpectations ends only the waits for items yet to come', async () => {
  const { inbox } = create()
  const [waiting, expected] = [inbox.next(is(1)), inbox.expect(is(2))]
  inbox.giveUpExpectations()
  inbox.push(1)
  expect({ item: await expected.item, waiting: await waiting }).toEqual({ item: undefined, waiting: 1 })
})

describe('an inbox that has ended', () => {
  test('still delivers the items that are there', async () => {
    const { inbox } = create()
    inbox.push(1)
    inbox.end()
    inbox.push(2)
    expect([await inbox.next(), await inbox.next(), await inbox.expect(is(2)).item]).toEqual([1, undefined, undefined])
  })

  test('throws its error after the last item; a wait for an item yet to come gets none', async () => {
    const { inbox } = create()
    const { item } = inbox.expect(is(2))
    inbox.push(1)
    inbox.end(new Error('broke'))
    expect({ item: await item, next: await inbox.next() }).toEqual({ item: undefined, next: 1 })
    await expect(inbox.next()).rejects.toThrow('broke')
  })

  test.each([['end'], ['discard']] as const)('resolves the waits of its readers (%s)', async how => {
    const { inbox } = create()
    const waiting = [inbox.next(), inbox.next(is(1))]
    inbox[how]()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined])
  })

  test('drops its items when it is discarded', async () => {
    const { inbox } = create()
    inbox.push(1)
    inbox.discard()
    expect(await inbox.next()).toBeUndefined()
  })
})

describe('an inbox of a few large items', () => {
  const MEGABYTE = 1024 * 1024

  test('is full by their size, as with many small ones', async () => {
    const { inbox, told } = create()
    for (let item = 0; item < 4; item += 1) inbox.push(item, MEGABYTE)
    expect(told).toEqual(['pause'])
    for (let item = 0; item < 3; item += 1) expect(await inbox.next()).toBe(item)
    expect(told).toEqual(['pause', 'resume'])
  })

  test('drops the oldest while nobody reads, but never the newest', async () => {
    const inbox = new Inbox<number>({ pause: () => {}, resume: () => {} }, { yieldsUntilRead: true })
    for (let item = 0; item < 10; item += 1) inbox.push(item, MEGABYTE)
    inbox.push(10, 16 * MEGABYTE)
    expect(await inbox.next()).toBe(10)
    for (let item = 0; item < 3; item += 1) inbox.push(item, MEGABYTE)
    expect([await inbox.next(), await inbox.next(), await inbox.next()]).toEqual([0, 1, 2])
  })
})

describe('an inbox that opens its items', () => {
  const closed = () =>
    new Inbox<number | string>({ pause() {}, resume() {} }, { yieldsUntilRead: true, open: item => `opened ${item}` })

  test('opens those that came before the first read, and none that come later', async () => {
    const inbox = closed()
    inbox.push(1)
    inbox.push(2)
    expect(inbox.isRead).toBe(false)
    expect(await inbox.next()).toBe('opened 1')
    expect(inbox.isRead).toBe(true)
    inbox.push(3)
    expect([inbox.takeNext(), inbox.takeNext()]).toEqual(['opened 2', 3])
  })

  test('tells the types that a wait may want', () => {
    const inbox = closed()
    expect(inbox.mayWant('a')).toBe(false)
    const { giveUp } = inbox.expect(() => false, 'a')
    expect([inbox.mayWant('a'), inbox.mayWant('b')]).toEqual([true, false])
    const any = inbox.expect(() => false)
    expect(inbox.mayWant('b')).toBe(true)
    any.giveUp()
    giveUp()
    expect(inbox.mayWant('a')).toBe(false)
  })
})
