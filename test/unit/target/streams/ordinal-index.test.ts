import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { OrdinalIndex } from '../../../../target/streams/ordinal-index.ts'

/** Few hashes, so that many entries share one; 0 and 1 share their search. */
const hash = fc.constantFrom(0, 1, 2, 63, 64, 128, 2 ** 31, 2 ** 32 - 1)
const step = fc.record({ hash, isRemoved: fc.boolean() })

it('An index finds what a list of pairs finds, whatever was added and removed, and after it grew and shrank', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), steps => {
      const index = new OrdinalIndex()
      let pairs: { hash: number; ordinal: number }[] = []
      for (const [ordinal, { hash, isRemoved }] of steps.entries()) {
        const oldest = pairs.find(pair => pair.hash === hash)
        if (isRemoved && oldest !== undefined) {
          index.remove(hash, oldest.ordinal)
          pairs = pairs.filter(pair => pair !== oldest)
        } else {
          index.add(hash, ordinal)
          pairs.push({ hash, ordinal })
        }
      }
      for (const [ordinal, { hash }] of steps.entries()) {
        const isKnown = pairs.some(pair => pair.hash === hash && pair.ordinal === ordinal)
        expect(index.find(hash, found => found === ordinal)).toBe(isKnown ? ordinal : undefined)
      }
      for (const { hash, ordinal } of pairs) index.remove(hash, ordinal)
      for (const { hash } of steps) expect(index.find(hash, () => true)).toBeUndefined()
    }),
    { seed: 19, numRuns: 200 },
  )
})

it('An index does not remove an ordinal that was added under another hash', () => {
  const index = new OrdinalIndex()
  index.add(5, 0)
  index.remove(5, 1)
  index.remove(6, 0)
  expect(index.find(5, () => true)).toBe(0)
})
