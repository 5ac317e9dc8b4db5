import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../core/random.ts'
import { userSteps } from '../../harness/load/user-steps.ts'
import { openModel } from '../../harness/load/arrivals.ts'
import { type RampStage } from '../../harness/load/plan.ts'
import { kindSequence } from '../../harness/user/kind-sequence.ts'

const seeded = { seed: 20_261_120 }
const stagesUpTo = (target: number) =>
  fc.array(fc.record({ durationMs: fc.integer({ min: 0, max: 5000 }), target: fc.integer({ min: 0, max: target }) }), {
    minLength: 1,
    maxLength: 5,
  })

/** The load at a time, interpolated between stages; at a jump, the value after it. */
function lineAt(start: number, stages: RampStage[], atMs: number): { value: number; rising: boolean } {
  let from = start
  let startMs = 0
  for (const { durationMs, target } of stages) {
    if (atMs < startMs + durationMs) {
      return { value: from + ((target - from) * (atMs - startMs)) / durationMs, rising: target > from }
    }
    startMs += durationMs
    from = target
  }
  return { value: from, rising: true }
}

/** The area under the rate by counting small slices. */
function areaUntil(start: number, stages: RampStage[], atMs: number): number {
  let area = 0
  let from = start / 1000
  let startMs = 0
  for (const { durationMs, target } of stages) {
    const to = target / 1000
    const spentMs = Math.min(Math.max(atMs - startMs, 0), durationMs)
    const reached = durationMs === 0 ? to : from + ((to - from) * spentMs) / durationMs
    area += ((from + reached) / 2) * spentMs
    startMs += durationMs
    from = to
  }
  return area
}

describe('openModel', () => {
  it('has the k-th arrival when the area under the rate reaches k, and as many arrivals as the total area', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), stagesUpTo(200), (start, stages) => {
        const offsets = [...openModel(start, stages, 'constant').arrivals(random(1))]
        const whole = areaUntil(start, stages, Number.POSITIVE_INFINITY)
        expect(offsets.length).toBe(Math.ceil(whole - 1e-9))
        for (const [ordinal, offsetMs] of offsets.entries()) {
          expect(areaUntil(start, stages, offsetMs)).toBeCloseTo(ordinal, 6)
        }
      }),
      { ...seeded, numRuns: 50 },
    )
  })

  it('never goes back in time, whatever the spacing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), stagesUpTo(200), fc.integer(), (start, stages, seed) => {
        const offsets = [...openModel(start, stages, 'poisson').arrivals(random(seed))]
        expect(offsets.every((offsetMs, index) => index === 0 || offsetMs >= (offsets[index - 1] as number))).toBe(true)
      }),
      { ...seeded, numRuns: 50 },
    )
  })

  it('spaces Poisson arrivals independently: the mean count is right, and gaps have a standard deviation equal to their mean', () => {
    const offsets = [...openModel(1000, [{ durationMs: 20_000, target: 1000 }], 'poisson').arrivals(random(5))]
    const gaps = offsets.slice(1).map((offsetMs, index) => offsetMs - (offsets[index] as number))
    const meanMs = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - meanMs) ** 2, 0) / gaps.length
    expect(Math.abs(offsets.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000))
    expect(Math.sqrt(variance) / meanMs).toBeCloseTo(1, 1)
  })

  it('gives the same arrivals for the same seed', () => {
    const arrivals = (seed: number) => [
      ...openModel(50, [{ durationMs: 1000, target: 50 }], 'poisson').arrivals(random(seed)),
    ]
    expect(arrivals(1)).toEqual(arrivals(1))
    expect(arrivals(1)).not.toEqual(arrivals(2))
  })
})

describe('userSteps', () => {
  it('has at every moment as many users as the line has reached', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        stagesUpTo(30),
        fc.integer({ min: 0, max: 25_000 }),
        (start, stages, atMs) => {
          const { value, rising } = lineAt(start, stages, atMs + 0.0001)
          const users = [...userSteps(start, stages)].filter(step => step.atMs <= atMs).at(-1)?.users
          expect(users).toBe(rising ? Math.floor(value + 1e-3) : Math.ceil(value - 1e-3))
        },
      ),
      { ...seeded, numRuns: 300 },
    )
  })
})

describe('kindSequence', () => {
  it('keeps the number of each kind within one of its share at any point', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 7 }), shares => {
        const sum = shares.reduce((total, share) => total + share, 0)
        const counts = shares.map(() => 0)
        const kinds = kindSequence(shares)
        for (let place = 1; place <= 300; place++) {
          const kind = kinds.next().value
          counts[kind] = (counts[kind] as number) + 1
          for (const [index, share] of shares.entries()) {
            expect(Math.abs((counts[index] as number) - (share / sum) * place)).toBeLessThan(1)
          }
        }
      }),
      { ...seeded, numRuns: 60 },
    )
  })

  it('splits ten users with shares of 70 and 30 into seven and three', () => {
    const kinds = kindSequence([70, 30])
    const first = Array.from({ length: 10 }, () => kinds.next().value)
    expect(first.filter(kind => kind === 0).length).toBe(7)
  })
})
