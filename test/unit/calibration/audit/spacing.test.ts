import { describe, expect, it } from 'vitest'
import { spacingOf } from '../../../../calibration/audit/spacing.ts'
import { random } from '../../../../core/random.ts'

/** Returns arrivals with gaps of these lengths. */
function arrivals(count: number, gapMs: (index: number) => number): number[] {
  let at = 0
  return Array.from({ length: count }, (_, index) => (at += gapMs(index)))
}

const exponential = (seed: number) => {
  const draw = random(seed)
  return () => -10 * Math.log(1 - draw.next())
}

describe('spacingOf', () => {
  it('says nothing about few arrivals', () => {
    expect(spacingOf([1, 2, 3])).toEqual({
      kind: 'unknown',
      sentence: 'too few (3) to tell how they are spaced',
    })
    expect(spacingOf([]).kind).toBe('unknown')
  })

  it('knows even spacing, also with some jitter', () => {
    const draw = random(1)
    expect(spacingOf(arrivals(1000, () => 10))).toMatchObject({ kind: 'constant', statistic: expect.closeTo(0) })
    expect(spacingOf(arrivals(1000, () => 9 + 2 * draw.next())).kind).toBe('constant')
  })

  it('knows a Poisson process', () => {
    const kinds = Array.from({ length: 40 }, (_, seed) => spacingOf(arrivals(2000, exponential(seed))).kind)
    // At p < 0.01, one or none of forty is rejected.
    expect(kinds.filter(kind => kind === 'poisson').length).toBeGreaterThanOrEqual(38)
    expect(spacingOf(arrivals(2000, exponential(3))).pValue).toBeGreaterThan(0.01)
  })

  it('knows bursts', () => {
    expect(spacingOf(arrivals(1000, index => (index % 20 === 0 ? 1000 : 0.1))).kind).toBe('bursts')
    expect(spacingOf(arrivals(100, () => 0)).sentence).toMatch(/all requests arrived in one burst/)
  })

  it('names nothing that is neither', () => {
    expect(spacingOf(arrivals(1000, index => (index % 2 === 0 ? 5 : 15))).kind).toBe('irregular')
  })
})
