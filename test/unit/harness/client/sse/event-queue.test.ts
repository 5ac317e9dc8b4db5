import { describe, expect, test } from 'vitest'
import { EventQueue } from '../../../../../harness/client/sse/event-queue.ts'

function create(): { queue: EventQueue<number>; told: string[] } {
  const told: string[] = []
  const queue = new EventQueue<number>({ pause: () => told.push('pause'), resume: () => told.push('resume') })
  return { queue, told }
}

test('hands on in order, to a reader that waits and to one that comes later', async () => {
  const { queue } = create()
  const waiting = queue.next()
  for (let item = 0; item < 600; item += 1) queue.push(item)
  expect(await waiting).toBe(0)
  for (let item = 1; item < 600; item += 1) expect(await queue.next()).toBe(item)
})

test('pauses its source when it is full, and lets it go on when it is nearly empty', async () => {
  const { queue, told } = create()
  for (let item = 0; item < 255; item += 1) queue.push(item)
  expect(told).toEqual([])
  queue.push(255)
  expect(told).toEqual(['pause'])
  for (let item = 0; item < 191; item += 1) await queue.next()
  expect(told).toEqual(['pause'])
  await queue.next()
  expect(told).toEqual(['pause', 'resume'])
})

test('pauses a source that has taken the place of a paused one', () => {
  const { queue, told } = create()
  for (let item = 0; item < 257; item += 1) queue.push(item)
  expect(told).toEqual(['pause', 'pause'])
})

describe('at the end', () => {
  test('what waits may still be taken', async () => {
    const { queue } = create()
    queue.push(1)
    queue.end()
    queue.push(2)
    expect([await queue.next(), await queue.next()]).toEqual([1, undefined])
  })

  test('the error comes after what waits', async () => {
    const { queue } = create()
    queue.push(1)
    queue.end(new Error('broke'))
    expect(await queue.next()).toBe(1)
    await expect(queue.next()).rejects.toThrow('broke')
  })

  test.each([['end'], ['discard']] as const)('a reader that waits hears of it (%s)', async how => {
    const { queue } = create()
    const waiting = queue.next()
    queue[how]()
    expect(await waiting).toBeUndefined()
  })

  test('discarding forgets what waits', async () => {
    const { queue } = create()
    queue.push(1)
    queue.discard()
    expect(await queue.next()).toBeUndefined()
  })
})
