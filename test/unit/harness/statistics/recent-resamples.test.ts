import { describe, expect, it } from 'vitest'
import { RecentResamples } from '../../../../harness/statistics/recent-resamples.ts'
import { drawResamples } from '../../../../harness/statistics/resamples.ts'

describe('RecentResamples', () => {
  it('draws what the seed gives for the numbers of runs', () => {
    const recent = new RecentResamples(3, 20)
    expect(recent.of([4, 5])).toEqual(drawResamples(3, [4, 5], 20))
    expect(recent.of([5, 4])).toEqual(drawResamples(3, [5, 4], 20))
  })

  it('keeps the latest, also if others were drawn since, and forgets the oldest', () => {
    const recent = new RecentResamples(3, 20)
    const first = recent.of([3, 3])
    for (let runs = 4; runs <= 14; runs++) recent.of([runs, 3])
    expect(recent.of([3, 3])).toBe(first)
    for (let runs = 4; runs <= 15; runs++) recent.of([runs, 3])
    expect(recent.of([3, 3])).not.toBe(first)
  })
})
