import { describe, expect, it } from 'vitest'
import { exponential } from '../../../../core/distributions/exponential.ts'
import { fixed } from '../../../../core/distributions/fixed.ts'
import { gamma } from '../../../../core/distributions/gamma.ts'
import { lognormal } from '../../../../core/distributions/lognormal.ts'
import { uniform } from '../../../../core/distributions/uniform.ts'
import { erlangB, erlangC } from '../../../../core/queueing/erlang.ts'
import { finiteQueue } from '../../../../core/queueing/finite-queue.ts'
import { meanWaitApproximately, meanWaitMarkovian, meanWaitOfOneServer } from '../../../../core/queueing/mean-wait.ts'
import { squaredVariation } from '../../../../core/queueing/squared-variation.ts'

/** Gross, Shortle, Thompson, Harris: Fundamentals of Queueing Theory, 4th ed. 2008. */
describe('Erlang’s formulas', () => {
  it('give the values of the tables', () => {
    expect(erlangB(1, 1)).toBeCloseTo(0.5, 12)
    // 3 erlang on 5 lines, in any table of Erlang B.
    expect(erlangB(5, 3)).toBeCloseTo(0.11005, 5)
    expect(erlangB(10, 5)).toBeCloseTo(0.018385, 6)
    expect(erlangC(5, 3)).toBeCloseTo(0.23615, 5)
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12)
    expect(erlangC(4, 4)).toBe(1)
    expect(erlangC(4, 9)).toBe(1)
  })

  it('hold for more servers than a factorial could', () => {
    expect(erlangB(100_000, 100_000)).toBeCloseTo(Math.sqrt(2 / (Math.PI * 100_000)), 4)
    expect(erlangC(1000, 500)).toBeLessThan(1e-50)
  })
})

describe('the mean wait', () => {
  it('of M/M/c is that of the eye clinic (Gross et al., chapter 2)', () => {
    const clinic = { arrivalRate: 6, meanService: 1 / 3, servers: 3 }
    expect(meanWaitMarkovian(clinic)).toBeCloseTo(4 / 27, 12)
  })

  it('of M/M/1 is ρ ÷ (1 − ρ) services', () => {
    expect(meanWaitMarkovian({ arrivalRate: 0.08, meanService: 10, servers: 1 })).toBeCloseTo(40, 9)
  })

  it('of M/D/1 is half that of M/M/1', () => {
    const traffic = { arrivalRate: 0.08, meanService: 10 }
    expect(meanWaitOfOneServer(traffic, 0)).toBeCloseTo(20, 9)
    expect(meanWaitOfOneServer(traffic, 1)).toBeCloseTo(40, 9)
  })

  it('by Allen and Cunneen is exact where both are known', () => {
    const one = { arrivalRate: 0.08, meanService: 10, servers: 1 }
    const four = { arrivalRate: 0.3, meanService: 10, servers: 4 }
    expect(meanWaitApproximately(one, 1, 0.25)).toBeCloseTo(meanWaitOfOneServer(one, 0.25), 9)
    expect(meanWaitApproximately(four, 1, 1)).toBeCloseTo(meanWaitMarkovian(four), 9)
    expect(meanWaitApproximately(four, 0, 0)).toBe(0)
  })

  it('has no end at and past the knee', () => {
    const full = { arrivalRate: 0.4, meanService: 10, servers: 4 }
    expect(meanWaitMarkovian(full)).toBe(Number.POSITIVE_INFINITY)
    expect(meanWaitApproximately(full, 0.5, 0.5)).toBe(Number.POSITIVE_INFINITY)
    expect(meanWaitOfOneServer({ arrivalRate: 1, meanService: 1 }, 1)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a finite queue', () => {
  it('is the inspection station of three stalls and four places (Gross et al., chapter 2)', () => {
    const station = { arrivalRate: 1, meanService: 6, servers: 3 }
    const { loss, meanQueue } = finiteQueue(station, 4)
    expect(meanQueue).toBeCloseTo(3.09, 2)
    expect(60 * loss).toBeCloseTo(30.3, 1)
  })

  it.each([0.2, 0.9, 1, 1.1, 5])('agrees with its states added up one by one, at a utilisation of %d', ratio => {
    const [servers, queueLimit] = [4, 30]
    const load = ratio * servers
    const weights: number[] = [1]
    for (let n = 1; n <= servers + queueLimit; n++) weights.push((weights[n - 1]! * load) / Math.min(n, servers))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const meanQueue = weights.reduce((sum, weight, n) => sum + (weight * Math.max(0, n - servers)) / total, 0)
    const found = finiteQueue({ arrivalRate: load / 10, meanService: 10, servers }, queueLimit)
    expect(found.loss).toBeCloseTo(weights.at(-1)! / total, 10)
    expect(found.meanQueue).toBeCloseTo(meanQueue, 10)
    expect(found.meanWait).toBeCloseTo(meanQueue / ((load / 10) * (1 - weights.at(-1)! / total)), 8)
  })

  it('without places is Erlang’s B, and with very many below the knee M/M/c', () => {
    const traffic = { arrivalRate: 0.3, meanService: 10, servers: 4 }
    expect(finiteQueue(traffic, 0)).toEqual({ loss: erlangB(4, 3), meanQueue: 0, meanWait: 0 })
    expect(finiteQueue(traffic, 1_000_000).meanWait).toBeCloseTo(meanWaitMarkovian(traffic), 9)
  })

  it('far past the knee is full, and carries what its servers can', () => {
    const { loss, meanQueue } = finiteQueue({ arrivalRate: 40, meanService: 10, servers: 4 }, 1_000_000)
    expect(loss).toBeCloseTo(0.99, 9)
    expect(meanQueue).toBeCloseTo(1_000_000, 0)
  })
})

describe('the squared variation', () => {
  it('is that of the textbooks', () => {
    expect(squaredVariation(fixed(20))).toBe(0)
    expect(squaredVariation(fixed(0))).toBe(0)
    expect(squaredVariation(exponential(20))).toBeCloseTo(1, 3)
    expect(squaredVariation(uniform(0, 20))).toBeCloseTo(1 / 3, 3)
    expect(squaredVariation(gamma(4, 5))).toBeCloseTo(1 / 4, 3)
    expect(squaredVariation(lognormal(3, 0.8))).toBeCloseTo(Math.exp(0.64) - 1, 2)
  })
})
