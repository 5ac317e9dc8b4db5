import { describe, expect, it } from 'vitest'
import { growthOf } from '../../../../bench/soak/memory-course.ts'

const MB = 1e6
const course = (at: (share: number) => number) => Array.from({ length: 300 }, (_, index) => at(index / 300) * MB)

describe('the memory of a process in a soak', () => {
  it('is flat when it only rises in the first third, or goes up and down', () => {
    expect(growthOf(course(share => 100 + 200 * Math.min(share, 0.33)))).toMatchObject({ isFlat: true })
    expect(growthOf(course(share => 200 + 30 * Math.sin(share * 100))).isFlat).toBe(true)
    expect(growthOf(course(share => 300 - 100 * share)).isFlat).toBe(true)
    // The collector of each process runs once in a quarter of the run.
    expect(growthOf(course(share => 120 + 60 * ((share / 0.27) % 1))).isFlat).toBe(true)
  })

  it('grows when the last third has more than the one before it', () => {
    expect(growthOf(course(share => 200 + 100 * share)).isFlat).toBe(false)
    expect(growthOf(course(share => (share < 0.66 ? 100 : 150)))).toEqual({
      beforeBytes: 100 * MB,
      afterBytes: 150 * MB,
      isFlat: false,
    })
  })

  it('may grow by a few megabytes where little is used', () => {
    expect(growthOf(course(share => 40 + 20 * share)).isFlat).toBe(true)
  })
})
