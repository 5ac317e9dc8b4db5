import { expect, test } from 'vitest'
import { Ring } from '../../../core/ring.ts'

test('a ring is a queue whose items can be read by position while it wraps and grows', () => {
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
