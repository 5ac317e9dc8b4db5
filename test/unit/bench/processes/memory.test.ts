import { expect, test } from 'vitest'
import { perConnection } from '../../../../bench/processes/memory.ts'

test('the memory of a connection is the growth from one size to the next', () => {
  const held = [1, 3].map(mb => ({ rssBytes: mb * 1024 ** 2, heapBytes: 0, externalBytes: 0 }))
  expect(perConnection(held, [100, 1124], 'rssBytes', 0, 1)).toBe(2)
})
