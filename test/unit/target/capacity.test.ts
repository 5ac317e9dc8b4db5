import { describe, expect, it } from 'vitest'
import { type BatchSum, estimateMean } from '../../../calibration/stations/batch-means.ts'
import { exponential, fixed } from '../../../core/distributions/closed-form.ts'
import { gamma } from '../../../core/distributions/gamma.ts'
import { finiteQueue, meanWaitMarkovian, meanWaitOfOneServer } from '../../../core/queueing.ts'
import { type Course, numbers, simulate } from './capacity/simulation.ts'

/** By batch means, at a level of 99.9 %; the seeds are fixed, so each of these either always holds or never does. */
function expectMean(batches: readonly BatchSum[], theory: number): void {
  const { mean, interval } = estimateMean(batches, 0.999)
  expect(theory, `mean ${mean}`).toBeGreaterThan(interval.low)
  expect(theory, `mean ${mean}`).toBeLessThan(interval.high)
  // So narrow that a wrong queue would not pass.
  expect((interval.high - interval.low) / 2 / theory).toBeLessThan(0.12)
}

/** L = λ · W, of the very visitors: not on average, but to the rounding of their sums. */
function expectLittle({ station, queueArea, told }: Course): void {
  expect(queueArea / told.waitMs).toBeCloseTo(1, 9)
  expect(station.book.wait.sumMs / told.waitMs).toBeCloseTo(1, 9)
  expect(station.book.arrived).toBe(told.served + told.turnedAway)
  expect(station.book).toMatchObject({ served: told.served, turnedAway: told.turnedAway })
  expect({ busy: station.busy, queued: station.queued }).toEqual({ busy: 0, queued: 0 })
}

describe('a station with Poisson arrivals, against theory', () => {
  it.each([0.5, 0.8])('M/M/1 at a utilisation of %d', ratio => {
    const course = simulate(numbers({ service: exponential(10) }), { perMs: ratio / 10, arrivals: 400_000, seed: 3 })
    expectMean(course.waits, meanWaitMarkovian({ arrivalRate: ratio / 10, meanService: 10, servers: 1 }))
    expectLittle(course)
  })

  it('M/M/c', () => {
    const course = simulate(numbers({ servers: 5, service: exponential(10) }), {
      perMs: 0.4,
      arrivals: 400_000,
      seed: 4,
    })
    expectMean(course.waits, meanWaitMarkovian({ arrivalRate: 0.4, meanService: 10, servers: 5 }))
    expectLittle(course)
  })

  it('M/D/1', () => {
    const course = simulate(numbers({ service: fixed(10) }), { perMs: 0.07, arrivals: 200_000, seed: 5 })
    expectMean(course.waits, meanWaitOfOneServer({ arrivalRate: 0.07, meanService: 10 }, 0))
    expectLittle(course)
  })

  it('M/G/1', () => {
    const course = simulate(numbers({ service: gamma(0.5, 20) }), { perMs: 0.06, arrivals: 400_000, seed: 6 })
    expectMean(course.waits, meanWaitOfOneServer({ arrivalRate: 0.06, meanService: 10 }, 2))
    expectLittle(course)
  })

  it.each([0.7, 1, 1.5])('M/M/c/K at a utilisation of %d: the share turned away, and the wait of the others', ratio => {
    const traffic = { arrivalRate: (ratio * 3) / 10, meanService: 10, servers: 3 }
    const given = numbers({ servers: 3, service: exponential(10), queueLimit: 4 })
    const course = simulate(given, { perMs: traffic.arrivalRate, arrivals: 200_000, seed: 7 })
    const { loss, meanWait } = finiteQueue(traffic, 4)
    expectMean(course.losses, loss)
    expectMean(course.waits, meanWait)
    expectLittle(course)
  })

  it.each(['lifo', 'random'] as const)(
    'is as long on average in the discipline %s, which asks nobody how long they take',
    discipline => {
      const given = numbers({ service: exponential(10), discipline })
      const course = simulate(given, { perMs: 0.05, arrivals: 200_000, seed: 8 })
      expectMean(course.waits, 10)
      expectLittle(course)
    },
  )

  it('serves no more than its knee, however many come', () => {
    const given = numbers({ servers: 4, service: fixed(10), queueLimit: 10 })
    const { station, lastedMs } = simulate(given, { perMs: 2, arrivals: 100_000, seed: 9 })
    const most = (4 / 10) * lastedMs
    expect(station.book.served).toBeLessThanOrEqual(most + 4)
    expect(station.book.served).toBeGreaterThan(most - 100)
  })
})
