import { describe, expect, it } from 'vitest'
import { SeriesRing } from '../../../../pages/widgets/series-ring.ts'

describe('a ring of series', () => {
  it('keeps the latest rows in order, and shows an unknown value as a gap', () => {
    const ring = new SeriesRing(2, 3)
    expect(ring.columns()).toEqual([[], [], []])
    for (let at = 1; at <= 5; at++) ring.add(at, at * 10, at === 4 ? Number.NaN : at * 100)
    expect(ring.length).toBe(3)
    expect(ring.columns()).toEqual([
      [3, 4, 5],
      [30, 40, 50],
      [300, null, 500],
    ])
    ring.clear()
    expect(ring.length).toBe(0)
  })
})
