import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { effectOf } from '../../../../harness/statistics/effect.ts'
import { drawResamples } from '../../../../harness/statistics/resamples.ts'
import { relativeScale, shareScale } from '../../../../harness/statistics/scale.ts'
import { judgeDifferences } from '../../../../harness/statistics/verdict.ts'
import { normal, shareFound } from './simulated-runs.ts'

const resamples = drawResamples(1, [5, 5])
const spread = [-1, -0.5, 0, 0.5, 1]

function difference(change: number, deviation: number, scale = relativeScale, at = 100, tolerance = 0.05) {
  const runs = (value: number) =>
    spread.map(step => ({ value: scale.of(value) + step * deviation, samplingVariance: 1e-8 }))
  const effect = effectOf(runs(at), runs(scale.changed(at, change)), resamples)
  return { effect, scale, tolerance, runs: [5, 5] as const }
}
const judge = (...tested: Parameters<typeof difference>) => judgeDifferences([difference(...tested)])[0]!

describe('judgeDifferences', () => {
  it('says how much more there is, with an interval around it', () => {
    const { state, change, interval } = judge(0.2, 0.01)
    expect(state).toBe('more')
    expect(change).toBeCloseTo(0.2, 9)
    expect(interval.low).toBeGreaterThan(0.17)
    expect(interval.high).toBeLessThan(0.23)
  })

  it('says how much less there is', () => {
    expect(judge(-0.2, 0.01)).toMatchObject({ state: 'less', change: expect.closeTo(-0.2, 6) as number })
  })

  it('says that no difference is larger than the end of the interval, if that is tolerated', () => {
    const { state, largest, interval } = judge(0.001, 0.01)
    expect(state).toBe('same')
    expect(largest).toBe(Math.max(-interval.low, interval.high))
    expect(largest).toBeLessThan(0.05)
  })

  it('cannot tell if runs spread too much, and says how many more it takes', () => {
    const { state, moreRounds, smallestDetectable } = judge(0.01, 0.1)
    expect(state).toBe('unclear')
    expect(smallestDetectable).toBeGreaterThan(0.05)
    expect(moreRounds).toBeGreaterThan(20)
  })

  it('asks for as many rounds as detect the tolerated change in four of five comparisons', () => {
    const { moreRounds } = judge(0, 0.05)
    const { effect } = difference(0, 0.05)
    const rounds = 5 + moreRounds
    const simulated = { runs: [rounds, rounds], noise: 'normal', deviation: effect.deviation, slowdown: 0.05 } as const
    const share = shareFound({ ...simulated, sampling: 1e-4 }, 300)
    expect(share).toBeGreaterThan(0.73)
    expect(share).toBeLessThan(0.88)
  })

  it('detects the smallest detectable difference in about four of five comparisons', () => {
    const { smallestDetectable } = judge(0, 0.03)
    const { deviation } = difference(0, 0.03).effect
    const share = shareFound({ runs: [5, 5], noise: 'normal', deviation, slowdown: smallestDetectable }, 300)
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.9)
  })

  it('says which decrease is detected of what cannot increase', () => {
    const { state, moreRounds, smallestDetectable } = judgeDifferences([
      { ...difference(0, 0.1, shareScale, 1, 0.01), isMoreBetter: true },
    ])[0]!
    expect(state).toBe('unclear')
    expect(smallestDetectable).toBeLessThan(-0.01)
    expect(moreRounds).toBeLessThan(100)
  })

  it('never detects a decrease by more than everything', () => {
    const [verdict] = judgeDifferences([{ ...difference(0, 1), isMoreBetter: true }])
    expect(verdict!.smallestDetectable).toBeLessThan(-0.5)
    expect(verdict!.smallestDetectable).toBeGreaterThan(-1)
  })

  it('gives shares their difference in points', () => {
    const { state, change, interval } = judge(0.02, 0.001, shareScale, 0.01, 0.01)
    expect({ state, change: Number(change.toFixed(6)) }).toEqual({ state: 'more', change: 0.02 })
    expect(interval.low).toBeGreaterThan(0.015)
  })

  it('keeps the share of false ones among many differences at 5 % on average', () => {
    const names = 40
    const slower = 8
    let shareOfFalse = 0
    let missed = 0
    const comparisons = 60
    for (let comparison = 0; comparison < comparisons; comparison++) {
      const chance = random(4).fork(comparison)
      const few = drawResamples(comparison, [5, 5], 1999)
      const tested = Array.from({ length: names }, (_, name) => {
        const side = (value: number) =>
          Array.from({ length: 5 }, () => ({ value: value + 0.03 * normal(chance), samplingVariance: 1e-8 }))
        const effect = effectOf(side(0), side(name < slower ? 0.3 : 0), few)
        return { effect, scale: relativeScale, tolerance: 0.05, runs: [5, 5] as const }
      })
      const found = judgeDifferences(tested).flatMap(({ state }, name) =>
        state === 'more' || state === 'less' ? [name] : [],
      )
      shareOfFalse += found.filter(name => name >= slower).length / Math.max(1, found.length)
      missed += slower - found.filter(name => name < slower).length
    }
    expect(shareOfFalse / comparisons).toBeLessThan(0.08)
    expect(missed).toBe(0)
  })
})
