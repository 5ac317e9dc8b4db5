import { expect, test } from 'vitest'
import { partitionOf } from '../../../../target/streams/tenant.ts'

test('a key always has the same partition, and many keys fill all partitions evenly', () => {
  expect(['order-1', 'order-2', 'kunde-ä', ''].map(key => partitionOf(key, 8))).toEqual([2, 2, 1, 0])
  const counts = Array.from({ length: 8 }, () => 0)
  for (let n = 0; n < 8000; n += 1) {
    const partition = partitionOf(`order-${n}`, 8)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(Math.max(...counts)).toBeLessThan(1150)
})
