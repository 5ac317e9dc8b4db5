import { describe, expect, it } from 'vitest'
import { studentQuantile } from '../../../../core/student.ts'
import { random } from '../../../../core/random.ts'
import { effectOf } from '../../../../harness/statistics/effect.ts'
import { drawResamples } from '../../../../harness/statistics/resamples.ts'
import { normal, noises, shareFound } from './simulated-runs.ts'

const run = (value: number, samplingVariance = 0) => ({ value, samplingVariance })

describe('effectOf', () => {
  it.each(
    Object.keys(noises).flatMap(noise =>
      (
        [
          [3, 3],
          [5, 5],
          [9, 9],
          [3, 9],
        ] as const
      ).map(runs => [noise, runs] as const),
    ),
  )('finds a difference between equal sides in about 5 %% of comparisons: %s noise, %j runs', (noise, runs) => {
    const share = shareFound({ runs, noise, deviation: 0.03, slowdown: 0 })
    // 500 comparisons: 5 % ± 3 standard errors of 1 %.
    expect(share).toBeGreaterThan(0.01)
    expect(share).toBeLessThan(0.08)
  })

  it('finds a difference between equal sides no more often if runs differ only by their samples', () => {
    const share = shareFound({ runs: [4, 4], noise: 'normal', deviation: 0, slowdown: 0, sampling: 0.02 })
    expect(share).toBeLessThan(0.08)
  })

  // Student's test has the same power, which is the most there is for normal noise.
  it.each([
    [0.02, [9, 9], 0.01, 0.95],
    [0.02, [5, 5], 0.01, 0.7],
    [0.05, [5, 5], 0.02, 0.85],
    [0.1, [5, 5], 0.03, 0.97],
    [0.1, [3, 3], 0.03, 0.7],
  ] as const)(
    'finds a slowdown of %d with %j runs that spread by %d in at least %d',
    (slowdown, runs, deviation, least) => {
      for (const noise of Object.keys(noises))
        expect(shareFound({ runs, noise, deviation, slowdown }, 300), noise).toBeGreaterThan(least - 0.05)
    },
  )

  it('has the interval of Student’s t where noise is normal', () => {
    const chance = random(9)
    const side = () => Array.from({ length: 10 }, () => run(normal(chance), 1e-6))
    const { reach, standardError, degrees } = effectOf(side(), side(), drawResamples(1, [10, 10]))
    expect(degrees).toBe(18)
    expect(reach(0.95) / standardError / studentQuantile(0.975, 18)).toBeCloseTo(1, 1)
  })

  it('never takes runs for more alike than their samples allow', () => {
    const alike = [run(1, 0.01), run(1, 0.01), run(1, 0.01)]
    const { standardError, p } = effectOf(
      alike,
      [run(1.05, 0.01), run(1.05, 0.01), run(1.05, 0.01)],
      drawResamples(1, [3, 3]),
    )
    expect(standardError).toBeCloseTo(Math.sqrt((0.01 * 2) / 3), 9)
    expect(p).toBeGreaterThan(0.3)
  })

  it('compares a single run with several, whose spread it takes over', () => {
    const base = [0, 0.02, -0.02, 0.01, -0.01, 0.015].map(value => run(value, 1e-6))
    const resamples = drawResamples(1, [6, 1])
    expect(effectOf(base, [run(0.01, 1e-6)], resamples).p).toBeGreaterThan(0.3)
    expect(effectOf(base, [run(0.3, 1e-6)], resamples).p).toBeLessThan(0.01)
  })

  it('gives the same answer for the same seed', () => {
    const base = [run(0.1, 1e-4), run(0.2, 1e-4)]
    const other = [run(0.4, 1e-4), run(0.3, 1e-4)]
    const p = (seed: number) => effectOf(base, other, drawResamples(seed, [2, 2])).p
    expect(p(5)).toBe(p(5))
  })
})
