import { describe, expect, it } from 'vitest'
import type { DistributionValue } from '../../../../core/distributions/value.ts'
import type { Gaps } from '../../../../target/capacity/station-book.ts'
import { settingsOf } from '../../../../target/capacity/station-settings.ts'
import { theoryOf } from '../../../../target/capacity/theory.ts'
import { gaps } from './gaps.ts'

function theory(service: DistributionValue, servers: number, arrivals: Gaps, queue?: number) {
  return theoryOf(settingsOf({ type: 'capacity', servers, service, ...(queue !== undefined && { queue }) })!, arrivals)
}

describe('the prediction for a station', () => {
  it('uses the models that fit its servers and services', () => {
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

  it('uses the observed arrivals', () => {
    const { utilisation, arrivalsPerSecond, predictions } = theory('10ms', 1, gaps(0.05, 'even'))
    expect(utilisation).toBeCloseTo(0.5, 9)
    expect(arrivalsPerSecond).toBeCloseTo(50, 9)
    // Half of M/M/1 for Poisson arrivals, nothing at all for a metronome.
    expect(predictions[0]!.meanWaitMs).toBeCloseTo(5, 9)
    expect(predictions[1]!.meanWaitMs).toBeCloseTo(0, 9)
  })

  it('gives a wait past the knee only for a finite queue', () => {
    const { utilisation, predictions } = theory({ type: 'exponential', mean: '10ms' }, 1, gaps(0.2, 'poisson'), 10)
    expect(utilisation).toBeGreaterThan(1.9)
    expect(predictions.map(({ meanWaitMs }) => meanWaitMs === undefined)).toEqual([true, false, true])
    expect(predictions[0]!.waitShare).toBe(1)
    expect(predictions[1]!.turnedAwayShare).toBeCloseTo(0.5, 1)
  })
})
