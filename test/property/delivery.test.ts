import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PartitionOrder, type Sighting } from '../../harness/delivery/partition-order.ts'

/** Implements the definitions naively, with unlimited memory. */
function naive(offsets: readonly number[]): { sightings: Sighting[]; gaps: number } {
  const seen = new Set<number>()
  const sightings = offsets.map((offset): Sighting => {
    const sighting = seen.has(offset) ? 'duplicate' : offset < Math.max(...seen) ? 'late' : 'next'
    seen.add(offset)
    return sighting
  })
  return { sightings: sightings.slice(1), gaps: Math.max(...seen) - Math.min(...seen) + 1 - seen.size }
}

function observed(offsets: readonly number[], mostHoles?: number): { sightings: Sighting[]; gaps: number } {
  const [first, ...rest] = offsets as [number, ...number[]]
  const order = new PartitionOrder(first, mostHoles)
  return { sightings: rest.map(offset => order.see(offset)), gaps: order.gaps }
}

/** A stream in which events are lost, repeated and reordered. */
const delivery = fc
  .array(fc.record({ copies: fc.integer({ min: 0, max: 3 }), delay: fc.integer({ min: 0, max: 12 }) }), {
    minLength: 1,
    maxLength: 80,
  })
  .map(fates =>
    fates
      .flatMap(({ copies, delay }, offset) =>
        Array.from({ length: copies }, (_, copy) => ({ offset, at: offset + delay * copy })),
      )
      .sort((a, b) => a.at - b.at)
      .map(({ offset }) => offset + 1000),
  )
  .filter(offsets => offsets.length > 0)

describe('the order of a partition', () => {
  test('equals that of a naive model, with losses, duplicates and reordering', () => {
    fc.assert(
      fc.property(delivery, offsets => {
        expect(observed(offsets)).toEqual(naive(offsets))
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('equals that of a naive model, for any offsets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 100 }), offsets => {
        expect(observed(offsets)).toEqual(naive(offsets))
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('with little memory never reports fewer gaps, or more gaps than offsets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 100 }), later => {
        // Gaps below the lowest remembered offset would be unknown, so the first offset is 0.
        const offsets = [0, ...later]
        const exact = naive(offsets).gaps
        const { gaps } = observed(offsets, 2)
        expect(gaps).toBeGreaterThanOrEqual(exact)
        expect(gaps).toBeLessThanOrEqual(Math.max(...offsets) - Math.min(...offsets))
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('a million lost at once cost no more than one', () => {
    expect(observed([0, 1_000_000, 5])).toEqual({ sightings: ['next', 'late'], gaps: 999_998 })
  })
})
