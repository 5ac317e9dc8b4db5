import { describe, expect, it } from 'vitest'
import { type DelayTimes, lengthRows } from '../../../calibration/faults/delay-lengths.ts'
import { kneeRow } from '../../../calibration/stations/knee-check.ts'
import { tooLate } from '../../../calibration/stations/lateness.ts'
import type { FaultRuleReport } from '../../../contract/faults/report.ts'
import type { StationReport } from '../../../contract/faults/station-report.ts'
import { exponential } from '../../../core/distributions/closed-form.ts'
import { Histogram } from '../../../core/histogram.ts'
import { random } from '../../../core/random.ts'

const lengths = exponential(15)

/** Delays that come to what they were drawn, stretched, and late by what a machine makes of it. */
function delays({ stretch = 1, lateMs = 0.05, earlyMs = 0 }): DelayTimes[] {
  return Array.from({ length: 5000 }, (_, at) => {
    const chance = random('delays').fork(at)
    const plannedMs = lengths.sample(chance, at)
    const tookMs = plannedMs * stretch + exponential(lateMs).sample(chance, at) - earlyMs
    return { plannedMs, actualMs: tookMs, seenMs: tookMs + 0.3 + exponential(0.5).sample(chance, at) }
  })
}

const states = (some: DelayTimes[]) => lengthRows(some).map(({ state }) => state)

describe('the length of delays', () => {
  it('is right on a machine that is late now and then, and on one that is busy', () => {
    expect(states(delays({}))).toEqual(['within', 'within', 'within', 'within'])
    expect(states(delays({ lateMs: 3 }))).toEqual(['within', 'within', 'within', 'within'])
  })

  it('is outside when all are too long by three in a hundred', () => {
    expect(states(delays({ stretch: 1.03 }))).toEqual(['within', 'within', 'outside', 'outside'])
  })

  it('is invalid, and never within, where the machine was too busy to tell', () => {
    expect(states(delays({ stretch: 1.03, lateMs: 3 })).slice(2)).toEqual(['invalid', 'invalid'])
  })

  it('is outside when they are too short, however busy the machine is', () => {
    expect(states(delays({ earlyMs: 1 }))[0]).toBe('outside')
    expect(states(delays({ earlyMs: 1, lateMs: 30 }))[0]).toBe('outside')
    expect(states(delays({ earlyMs: 2 }))[1]).toBe('outside')
  })
})

function histogramOf(values: number[]) {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.toJSON()
}

describe('evidence of late arrivals', () => {
  const result = (values: number[]) => ({
    series: [
      { metric: 'send_delay' as const, tags: {}, value: { kind: 'trend' as const, histogram: histogramOf(values) } },
    ],
  })
  const report = (values: number[]) => ({ delay: { error: histogramOf(values) } }) as unknown as FaultRuleReport
  const onTime = Array.from({ length: 1000 }, () => 0.05)

  it('is the root mean square of either end, in gaps', () => {
    expect(tooLate(result(onTime), report(onTime), 5)).toBeUndefined()
    // One in a hundred by 20 ms: 2 ms.
    const bursts = onTime.map((late, at) => (at % 100 === 0 ? 20 : late))
    expect(tooLate(result(bursts), report(onTime), 5)).toMatch(/^the harness sent late by 2.00 ms .* of at most 1.00$/)
    expect(tooLate(result(onTime), report(bursts), 5)).toMatch(/^the target served late by 2.00 ms/)
    expect(tooLate(result(bursts), report(bursts), 20)).toBeUndefined()
  })
})

describe('the knee', () => {
  /** After so many ms at this rate, with so many that found a server free. */
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
    // A server more, and services too long by five in a hundred.
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
