import { describe, expect, it } from 'vitest'
import { kneeRow } from '../../../../calibration/stations/knee-check.ts'
import type { StationReport } from '../../../../contract/faults/station-report.ts'
import { histogramOf } from '../histogram-of.ts'

describe('the knee', () => {
  /** Returns the report after this time at this rate, with this many requests served at once. */
  const look = (elapsedMs: number, perSecond: number, atOnce = 4) => {
    const served = Math.round((elapsedMs * perSecond) / 1000)
    const waits = Array.from({ length: served }, (_, at) => (at < atOnce ? 0 : 50))
    return {
      served,
      arrived: served + 1,
      wait: histogramOf(waits),
      theory: { arrivalsPerSecond: perSecond, arrivalVariation: 1 },
    } as unknown as StationReport
  }

  it('is that of four servers of 20 ms', () => {
    expect(kneeRow(look(1000, 200), look(9000, 200)).state).toBe('within')
    // One server too many, and services that are 5 % too long.
    expect(kneeRow(look(1000, 250), look(9000, 250)).state).toBe('outside')
    expect(kneeRow(look(1000, 190.5), look(9000, 190.5)).state).toBe('outside')
  })

  it('is unknown if servers were idle or arrivals came in bursts, but a rate above it is still an error', () => {
    expect(kneeRow(look(1000, 190.5), look(9000, 190.5, 9)).state).toBe('invalid')
    expect(kneeRow(look(1000, 250), look(9000, 250, 9)).state).toBe('outside')
    const burst = look(9000, 200)
    burst.theory.arrivalVariation = 1000
    expect(kneeRow(look(1000, 200), burst)).toMatchObject({ state: 'invalid' })
  })
})
