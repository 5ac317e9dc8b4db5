import { describe, expect, it } from 'vitest'
import { exponential, fixed, lognormal, uniform } from '../../../core/distributions/closed-form.ts'
import { gamma } from '../../../core/distributions/gamma.ts'
import {
  erlangB,
  erlangC,
  finiteQueue,
  meanWaitApproximately,
  meanWaitMarkovian,
  meanWaitOfOneServer,
  squaredVariation,
} from '../../../core/queueing.ts'
import { arrivalsInFixed, arrivalsInTwoStages, solveMarkovian, solveOneServer } from './balance.ts'

/** So long a queue that nobody would ever be turned away from it, at the loads below. */
const LONG = 300

describe('Erlang’s formulas', () => {
  it.each([
    [1, 1],
    [5, 3],
    [10, 5],
    [4, 3.6],
  ])('of %d servers and a load of %d equal the solution of the balance equations', (servers, load) => {
    expect(erlangB(servers, load)).toBeCloseTo(solveMarkovian(load, 1, servers, servers).loss, 12)
    if (load < servers)
      expect(erlangC(servers, load)).toBeCloseTo(solveMarkovian(load, 1, servers, servers + LONG).waitShare, 10)
  })

  it('make every request wait if the offered load is at least the number of servers', () => {
    expect(erlangC(4, 4)).toBe(1)
    expect(erlangC(4, 9)).toBe(1)
  })

  it('work for more servers than a factorial could represent', () => {
    expect(erlangB(100_000, 100_000)).toBeCloseTo(Math.sqrt(2 / (Math.PI * 100_000)), 4)
    expect(erlangC(1000, 500)).toBeLessThan(1e-50)
  })
})

describe('the mean wait', () => {
  it.each([
    [0.08, 10, 1],
    [6, 1 / 3, 3],
    [0.32, 10, 4],
  ])(
    'of M/M/c equals the solution of the balance equations: λ %d, E[S] %d, c %d',
    (arrivalRate, meanService, servers) => {
      const { meanWait } = solveMarkovian(arrivalRate, meanService, servers, servers + LONG)
      expect(meanWaitMarkovian({ arrivalRate, meanService, servers }) / meanWait).toBeCloseTo(1, 9)
    },
  )

  it('of M/M/1 is ρ ÷ (1 − ρ) services', () => {
    expect(meanWaitMarkovian({ arrivalRate: 0.08, meanService: 10, servers: 1 })).toBeCloseTo(40, 9)
  })

  it.each([0.07, 0.08])('of M/D/1 and M/G/1 equals that of the embedded Markov chain, at λ = %d', arrivalRate => {
    const traffic = { arrivalRate, meanService: 10 }
    const load = 10 * arrivalRate
    const fixed = solveOneServer(arrivalRate, 10, arrivalsInFixed(load, LONG))
    const twoStages = solveOneServer(arrivalRate, 10, arrivalsInTwoStages(load, LONG))
    expect(meanWaitOfOneServer(traffic, 0) / fixed).toBeCloseTo(1, 9)
    expect(meanWaitOfOneServer(traffic, 0.5) / twoStages).toBeCloseTo(1, 9)
  })

  it('by Allen and Cunneen is exact where an exact formula is known', () => {
    const one = { arrivalRate: 0.08, meanService: 10, servers: 1 }
    const four = { arrivalRate: 0.3, meanService: 10, servers: 4 }
    expect(meanWaitApproximately(one, 1, 0.25)).toBeCloseTo(meanWaitOfOneServer(one, 0.25), 9)
    expect(meanWaitApproximately(four, 1, 1)).toBeCloseTo(meanWaitMarkovian(four), 9)
    expect(meanWaitApproximately(four, 0, 0)).toBe(0)
  })

  it('is infinite at and past the knee', () => {
    const full = { arrivalRate: 0.4, meanService: 10, servers: 4 }
    expect(meanWaitMarkovian(full)).toBe(Number.POSITIVE_INFINITY)
    expect(meanWaitApproximately(full, 0.5, 0.5)).toBe(Number.POSITIVE_INFINITY)
    expect(meanWaitOfOneServer({ arrivalRate: 1, meanService: 1 }, 1)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a finite queue', () => {
  it.each([0.2, 0.9, 1, 1.1, 5])('equals the solution of the balance equations, at a utilisation of %d', ratio => {
    for (const [servers, queueLimit] of [
      [1, 0],
      [3, 4],
      [4, 30],
    ] as const) {
      const arrivalRate = (ratio * servers) / 10
      const found = finiteQueue({ arrivalRate, meanService: 10, servers }, queueLimit)
      const solved = solveMarkovian(arrivalRate, 10, servers, servers + queueLimit)
      expect(found.loss).toBeCloseTo(solved.loss, 12)
      expect(found.meanQueue).toBeCloseTo(solved.meanQueue, 10)
      expect(found.meanWait).toBeCloseTo(solved.meanWait, 8)
    }
  })

  it('without places is Erlang’s B, and with very many below the knee M/M/c', () => {
    const traffic = { arrivalRate: 0.3, meanService: 10, servers: 4 }
    expect(finiteQueue(traffic, 0)).toEqual({ loss: erlangB(4, 3), meanQueue: 0, meanWait: 0 })
    expect(finiteQueue(traffic, 1_000_000).meanWait).toBeCloseTo(meanWaitMarkovian(traffic), 9)
  })

  it('far past the knee is full, and serves at the capacity of its servers', () => {
    const { loss, meanQueue } = finiteQueue({ arrivalRate: 40, meanService: 10, servers: 4 }, 1_000_000)
    expect(loss).toBeCloseTo(0.99, 9)
    expect(meanQueue).toBeCloseTo(1_000_000, 0)
  })
})

describe('the squared variation', () => {
  it('is variance ÷ mean², as in the closed form of each distribution', () => {
    expect(squaredVariation(fixed(20))).toBe(0)
    expect(squaredVariation(fixed(0))).toBe(0)
    expect(squaredVariation(exponential(20))).toBeCloseTo(1, 3)
    expect(squaredVariation(uniform(0, 20))).toBeCloseTo(1 / 3, 3)
    expect(squaredVariation(gamma(4, 5))).toBeCloseTo(1 / 4, 3)
    expect(squaredVariation(lognormal(3, 0.8))).toBeCloseTo(Math.exp(0.64) - 1, 2)
  })
})
