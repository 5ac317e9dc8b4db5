import { expect, test } from 'vitest'
import { Ring } from '../../../../core/ring.ts'
import { formatCursor, newEpoch, parseCursor } from '../../../../target/streams/cursor.ts'
import { partitionOf } from '../../../../target/streams/tenant.ts'

test('a cursor reads back as it was written, and nothing else reads as one', () => {
  const epoch = newEpoch()
  for (const sequence of [0, 1, 35, 36, 123_456_789, Number.MAX_SAFE_INTEGER]) {
    expect(parseCursor(formatCursor(epoch, sequence))).toEqual({ epoch, sequence })
  }
  for (const text of [
    '',
    '-',
    'abc-1',
    `${epoch}-`,
    `${epoch}-01`,
    `${epoch}-A`,
    `${epoch}-1 `,
    `${epoch}-zzzzzzzzzzz`,
  ]) {
    expect(parseCursor(text), text).toBeUndefined()
  }
  expect(newEpoch()).not.toBe(epoch)
})

test('a key keeps its partition for ever, and many keys fill all of them evenly', () => {
  expect(['order-1', 'order-2', 'kunde-ä', ''].map(key => partitionOf(key, 8))).toEqual([2, 2, 1, 0])
  const counts = Array.from({ length: 8 }, () => 0)
  for (let n = 0; n < 8000; n += 1) {
    const partition = partitionOf(`order-${n}`, 8)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(Math.max(...counts)).toBeLessThan(1150)
})

test('a ring is a queue that can be looked into while it wraps and grows', () => {
  const ring = new Ring<number>(2)
  const queue: number[] = []
  for (let n = 0; n < 200; n += 1) {
    ring.push(n)
    queue.push(n)
    if (n % 3 !== 0) expect(ring.shift()).toBe(queue.shift())
    expect(Array.from({ length: ring.length }, (_, index) => ring.at(index))).toEqual(queue)
  }
  expect({ ringAt1: ring.at(-1), ringAtRingLength: ring.at(ring.length) }).toEqual({
    ringAt1: undefined,
    ringAtRingLength: undefined,
  })
  while (queue.length > 0) expect(ring.shift()).toBe(queue.shift())
  expect({ shift: ring.shift(), ringLength: ring.length }).toEqual({ shift: undefined, ringLength: 0 })
})
