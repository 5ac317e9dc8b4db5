import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RunValue, effectOf } from '../../harness/statistics/effect.ts'
import { falseDiscoveryRates } from '../../harness/statistics/false-discovery.ts'
import { drawResamples } from '../../harness/statistics/resamples.ts'
import { relativeScale, shareScale } from '../../harness/statistics/scale.ts'

/** The procedure as its authors describe it: the largest rank whose p is below its line, and everything before it. */
function naiveDiscoveries(ps: number[], rate: number): number[] {
  const ascending = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const last = ascending.findLastIndex(({ p }, at) => p <= ((at + 1) / ps.length) * rate)
  return ascending
    .slice(0, last + 1)
    .map(({ index }) => index)
    .sort((a, b) => a - b)
}

describe('falseDiscoveryRates', () => {
  it('selects what the step-up procedure selects, at every rate', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(ps, fc.constantFrom(0.01, 0.05, 0.1, 0.5), (ps, rate) => {
        const found = falseDiscoveryRates(ps).flatMap((own, index) => (own <= rate + 1e-12 ? [index] : []))
        expect(found).toEqual(naiveDiscoveries(ps, rate + 1e-12))
      }),
      { seed: 1 },
    )
  })
})

const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 6 })
const runsOf = (values: number[]): RunValue[] => values.map(value => ({ value, samplingVariance: 1e-6 }))
const effect = (base: number[], other: number[]) =>
  effectOf(runsOf(base), runsOf(other), drawResamples(1, [base.length, other.length], 99))
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('effectOf', () => {
  it('has the difference of the means and Student’s standard error', () => {
    fc.assert(
      fc.property(values, values, (base, other) => {
        const { difference, standardError } = effect(base, other)
        const squares = [base, other].flatMap(side => side.map(value => (value - mean(side)) ** 2))
        const variance = squares.reduce((sum, square) => sum + square, 0) / (base.length + other.length - 2)
        expect(difference).toBeCloseTo(mean(other) - mean(base), 9)
        const naive = Math.sqrt(Math.max(variance, 1e-6) * (1 / base.length + 1 / other.length))
        expect(standardError).toBeCloseTo(naive, 9)
      }),
      { seed: 2 },
    )
  })

  it('does not depend on where both sides lie, and its interval excludes zero exactly when p is small', () => {
    fc.assert(
      fc.property(values, values, fc.integer({ min: -9, max: 9 }), (base, other, shift) => {
        const here = effect(base, other)
        const there = effect(
          base.map(value => value + shift),
          other.map(value => value + shift),
        )
        expect(there.p).toBeCloseTo(here.p, 1)
        const excludesZero = Math.abs(here.difference) > here.reach(0.9)
        expect(excludesZero ? here.p <= 0.1 : here.p >= 0.1).toBe(true)
      }),
      { seed: 3 },
    )
  })

  it('has wider intervals at higher levels', () => {
    fc.assert(
      fc.property(values, values, (base, other) => {
        const { reach } = effect(base, other)
        const reaches = [0.5, 0.8, 0.95, 0.99, 0.9999].map(reach)
        expect(reaches).toEqual(reaches.toSorted((a, b) => a - b))
      }),
      { seed: 4 },
    )
  })
})

describe('the scales', () => {
  it('lead back to the value, and keep order and changes', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const time = fc.double({ min: 0.001, max: 1e6, noNaN: true })
    for (const [scale, of] of [
      [shareScale, share],
      [relativeScale, time],
    ] as const)
      fc.assert(
        fc.property(of, of, (one, other) => {
          expect(scale.back(scale.of(one)) / Math.max(one, 1e-9)).toBeCloseTo(one / Math.max(one, 1e-9), 6)
          if (one < other) expect(scale.of(one)).toBeLessThanOrEqual(scale.of(other))
          expect(scale.changed(one, scale.change(one, other)) / Math.max(other, 1)).toBeCloseTo(
            other / Math.max(other, 1),
            6,
          )
        }),
        { seed: 5 },
      )
  })
})
