import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { largestSplit, seededIntervals, ShiftScan } from '../../../../harness/statistics/shift-scan.ts'
import { normal } from './simulated-runs.ts'

const noise = (length: number, seed: number) => {
  const chance = random(seed)
  return Float64Array.from({ length }, () => normal(chance))
}
const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length
/** The difference of the means of two neighbouring parts, in standard errors of values with a deviation of one. */
const heightOf = (values: Float64Array, from: number, at: number, to: number) => {
  const [left, right] = [values.slice(from, at), values.slice(at, to)]
  return Math.abs(mean(left) - mean(right)) / Math.sqrt(1 / left.length + 1 / right.length)
}

describe('ShiftScan', () => {
  it('finds the largest difference between neighbouring parts of all its intervals', () => {
    for (const length of [6, 7, 20, 45]) {
      const values = noise(length, length)
      let [highest, where] = [0, 0]
      for (const [from, to] of seededIntervals(length))
        for (let at = from + 3; at <= to - 3; at++)
          if (heightOf(values, from, at, to) > highest + 1e-12) [highest, where] = [heightOf(values, from, at, to), at]
      const { at, height } = new ShiftScan(length).largest(values)
      expect({ at, height: height.toFixed(9) }).toEqual({ at: where, height: highest.toFixed(9) })
    }
  })

  it('finds a level that goes up and comes back, which the mean of the whole hides', () => {
    const values = noise(60, 1).map((value, index) => value * 0.5 + (index >= 20 && index < 40 ? 4 : 0))
    expect([20, 40]).toContain(new ShiftScan(60).largest(values).at)
  })

  it('finds nothing in fewer than six values, and in values that are all the same', () => {
    expect(new ShiftScan(5).largest(noise(5, 2))).toEqual({ at: 0, height: 0 })
    expect(new ShiftScan(20).largest(new Float64Array(20)).height).toBe(0)
  })
})

describe('seededIntervals', () => {
  it.each([6, 8, 50, 333])('covers %d values with intervals of all lengths, and with few of them', length => {
    const intervals = seededIntervals(length)
    expect(intervals[0]).toEqual([0, length])
    for (const [from, to] of intervals) {
      expect(from).toBeGreaterThanOrEqual(0)
      expect(to).toBeLessThanOrEqual(length)
      expect(to - from).toBeGreaterThanOrEqual(6)
    }
    // Each change of level with enough values around it is well inside some short interval.
    for (let at = 3; at <= length - 3; at++)
      expect(
        intervals.some(
          ([from, to]) =>
            (from <= at - 3 && at + 3 <= to && to - from <= Math.max(12, length / 4) + 4) || to - from === length,
        ),
      ).toBe(true)
    const values = intervals.reduce((sum, [from, to]) => sum + to - from, 0)
    expect(values).toBeLessThan(3 * length * (2 * Math.log2(length / 6) + 2))
  })
})

describe('largestSplit', () => {
  it('finds where the means before and after differ most', () => {
    const values = noise(30, 3)
    let [highest, where] = [0, 0]
    for (let at = 3; at <= 27; at++)
      if (heightOf(values, 0, at, 30) > highest) [highest, where] = [heightOf(values, 0, at, 30), at]
    expect(largestSplit(values)).toBe(where)
  })

  it('leaves three values on either side', () => {
    expect(largestSplit(Float64Array.of(9, 0, 0, 0, 0, 0, 0))).toBe(3)
    expect(largestSplit(new Float64Array(6))).toBe(3)
  })
})
