import { describe, expect, it } from 'vitest'
import { LatencyLevels } from '../../../../../target/control/page/latency-levels.ts'

describe('latency levels', () => {
  it('count times by levels of equal ratio, and begin again when taken', () => {
    const levels = new LatencyLevels()
    for (const valueMs of [0, 0.011, 1, 1.1, 100, 1e9]) levels.add(valueMs)
    const taken = levels.take(6)
    expect(taken).toMatchObject({ firstLevel: 0, counted: 6, ended: 6, maxMs: 1e9 })
    const byLevel = Object.fromEntries([...taken.counts.entries()].filter(([, count]) => count > 0))
    expect(byLevel).toEqual({ 0: 2, 20: 2, 40: 1, 89: 1 })
    expect(levels.take(0)).toEqual({ firstLevel: 0, counts: [], counted: 0, ended: 0 })
  })

  it('have percentiles within a level of the exact ones', () => {
    const levels = new LatencyLevels()
    for (let value = 1; value <= 1000; value++) levels.add(value)
    const { p50Ms, p95Ms, p99Ms } = levels.take(1000)
    for (const [shown, exact] of [
      [p50Ms, 500],
      [p95Ms, 950],
      [p99Ms, 990],
    ] as const) {
      expect(shown! / exact).toBeGreaterThan(10 ** -0.1)
      expect(shown! / exact).toBeLessThan(10 ** 0.1)
    }
  })
})
