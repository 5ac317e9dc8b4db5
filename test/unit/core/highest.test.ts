import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Highest } from '../../../core/highest.ts'

it('keeps the highest of everything offered, in order, as sorting everything would', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 1, max: 5 }), (ranks, most) => {
      const highest = new Highest<{ rank: number; ordinal: number }>(most, ({ rank }) => rank)
      const items = ranks.map((rank, ordinal) => ({ rank, ordinal }))
      for (const item of items) highest.offer(item.rank, () => item)
      const sorted = items.toSorted((a, b) => b.rank - a.rank || a.ordinal - b.ordinal)
      expect(highest.list()).toEqual(sorted.slice(0, most))
    }),
    { seed: 1 },
  )
})

it('makes no item that it does not keep', () => {
  const highest = new Highest<number>(1, rank => rank)
  highest.offer(2, () => 2)
  highest.offer(1, () => {
    throw new Error('made')
  })
  expect(highest.list()).toEqual([2])
})
