import { describe, expect, it } from 'vitest'
import type { DistributionValue } from '../../../../core/distributions/value.ts'
import { exponential } from '../../../../core/distributions/closed-form.ts'
import { random } from '../../../../core/random.ts'
import { Gaps } from '../../../../target/capacity/station-book.ts'
import { settingsOf } from '../../../../target/capacity/station-settings.ts'
import { theoryOf } from '../../../../target/capacity/theory.ts'

function gaps(perMs: number, kind: 'poisson' | 'even', count = 20_000): Gaps {
  const gaps = new Gaps()
  const draws = exponential(1 / perMs)
  let at = 5000
  for (let arrival = 0; arrival < count; arrival++) {
    gaps.add(at)
    at += kind === 'even' ? 1 / perMs : draws.sample(random(3).fork(arrival), arrival)
  }
  return gaps
}

function theory(service: DistributionValue, servers: number, arrivals: Gaps, queue?: number) {
  return theoryOf(settingsOf({ type: 'capacity', servers, service, ...(queue !== undefined && { queue }) })!, arrivals)
}

describe('the gaps between arrivals', () => {
  it('have a rate, and a variation that tells a Poisson process from a metronome', () => {
    expect(gaps(0.2, 'even').rate).toBeCloseTo(0.2, 9)
    expect(gaps(0.2, 'even').squaredVariation).toBeCloseTo(0, 9)
    expect(gaps(0.2, 'poisson').squaredVariation).toBeCloseTo(1, 1)
  })

  it('are not known before there are two arrivals at different times', () => {
    const none = new Gaps()
    none.add(4)
    none.add(4)
    expect({ rate: none.rate, squaredVariation: none.squaredVariation }).toEqual({
      rate: undefined,
      squaredVariation: undefined,
    })
  })
})

describe('the prediction for a station', () => {
  it('is by the models that fit its servers and services', () => {
    const arrivals = gaps(0.05, 'poisson')
    const models = (service: DistributionValue, servers: number) =>
      theory(service, servers, arrivals).predictions.map(({ model }) => model)
    expect(models({ type: 'exponential', mean: '10ms' }, 1)).toEqual(['M/M/1', 'M/M/c/K', 'G/G/c (Allen–Cunneen)'])
    expect(models({ type: 'exponential', mean: '10ms' }, 3)).toEqual(['M/M/c', 'M/M/c/K', 'G/G/c (Allen–Cunneen)'])
    expect(models('10ms', 1)).toEqual(['M/D/1', 'G/G/c (Allen–Cunneen)'])
    expect(models('10ms', 2)).toEqual(['G/G/c (Allen–Cunneen)'])
    // Cut off, it is exponential no more.
    expect(models({ type: 'exponential', mean: '10ms', max: '20ms' }, 1)).toEqual(['M/G/1', 'G/G/c (Allen–Cunneen)'])
  })

  it('is by the arrivals that were seen', () => {
    const { utilisation, arrivalsPerSecond, predictions } = theory('10ms', 1, gaps(0.05, 'even'))
    expect(utilisation).toBeCloseTo(0.5, 9)
    expect(arrivalsPerSecond).toBeCloseTo(50, 9)
    // Half of M/M/1 for Poisson arrivals, nothing at all for a metronome.
    expect(predictions[0]!.meanWaitMs).toBeCloseTo(5, 9)
    expect(predictions[1]!.meanWaitMs).toBeCloseTo(0, 9)
  })

  it('names no wait past the knee but where the queue is finite', () => {
    const { utilisation, predictions } = theory({ type: 'exponential', mean: '10ms' }, 1, gaps(0.2, 'poisson'), 10)
    expect(utilisation).toBeGreaterThan(1.9)
    expect(predictions.map(({ meanWaitMs }) => meanWaitMs === undefined)).toEqual([true, false, true])
    expect(predictions[0]!.waitShare).toBe(1)
    expect(predictions[1]!.turnedAwayShare).toBeCloseTo(0.5, 1)
  })
})
