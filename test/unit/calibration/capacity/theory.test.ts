import { describe, expect, it } from 'vitest'
import { objectiveOf, knownQueues, theoreticalRate } from '../../../../calibration/capacity/known-queues.ts'
import { stationsOfRules, theoryOfCapacity, type TheoryEvidence } from '../../../../calibration/capacity/theory.ts'
import type { LedgerReport } from '../../../../contract/ledger.ts'
import { capacityProbe } from '../../../support/capacity-probe.ts'

const [single] = knownQueues

const histogram = (count: number, sumMs: number) => ({ hdr: '', count, sumMs, minMs: 0, maxMs: 0 })

/** A run of a thousand requests that each spent 3 ms at the station, and 4 ms in all. */
function evidence(changes: Partial<TheoryEvidence> = {}, arrived = 1000): TheoryEvidence {
  const stations = [
    {
      station: 'db',
      arrived,
      served: arrived,
      wait: histogram(arrived, arrived),
      service: histogram(arrived, 2 * arrived),
    },
  ]
  const probe = capacityProbe({ load: 100 })
  return {
    subject: { unit: 'iterations per second', arrivals: 'poisson' },
    slo: [objectiveOf(single!)],
    stations: stationsOfRules([
      { id: 'db', fault: { type: 'capacity', servers: 1, service: { type: 'exponential', mean: 2 }, queue: 1000 } },
      { id: 'other', fault: { type: 'capacity', station: 'db' } },
    ]),
    probe: { ...probe, response: { ...probe.response, meanMs: 4 } },
    ledger: { operations: [{ arrivals: 1000 }], faults: { stations } } as unknown as LedgerReport,
    ...changes,
  }
}

describe('theoryOfCapacity', () => {
  it('has the rate at which the percentile is at its limit, less the time outside of the station', () => {
    const { load, kneeLoad, model, remarks } = theoryOfCapacity(evidence())!
    expect({ kneeLoad, model, remarks }).toEqual({
      kneeLoad: 500,
      model: 'M/M/1',
      remarks: ['1.0 ms outside of the station are allowed for'],
    })
    // M/M/1: e^(−(μ − λ)·t) = 0.05.
    expect(load).toBeCloseTo(500 - (1000 * Math.log(20)) / 19, 3)
  })

  it('has the rate at which a mean is at its limit', () => {
    const slo = [{ ...objectiveOf(single!), aggregation: 'avg' as const, limit: 11 }]
    // M/M/1 with 1 ms elsewhere: a mean stay of 1 ÷ (μ − λ) = 10 ms.
    expect(theoryOfCapacity(evidence({ slo }))!.load).toBeCloseTo(400, 3)
  })

  it('counts visits, not iterations: with two requests of three elsewhere, the station takes three times as many', () => {
    const theory = theoryOfCapacity(evidence({}, 333))!
    expect(theory.kneeLoad).toBeCloseTo(500 / 0.333, 3)
  })

  it.each([
    [{ subject: { unit: 'iterations per second', arrivals: 'constant' } as const }, /Poisson/],
    [{ slo: [{ ...objectiveOf(single!), metric: 'checks' as const }] }, /no formula for the objective/],
    [
      { stations: [{ name: 'db', servers: 2, meanServiceMs: 2, kind: 'G' as const, isEndless: true }] },
      /no exact formula for these service times/,
    ],
    [
      { stations: [{ name: 'db', servers: 1, meanServiceMs: 2, kind: 'M' as const, isEndless: false }] },
      /queue is short/,
    ],
    [{ probe: capacityProbe({ load: 100, requestsPerSecond: 300 }) }, /several requests/],
  ])('has only the knee where no formula holds, and says why', (changes, reason) => {
    const { load, remarks, kneeLoad } = theoryOfCapacity(evidence(changes))!
    expect(load).toBeUndefined()
    expect(kneeLoad).toBeGreaterThan(0)
    expect(remarks.join()).toMatch(reason)
  })

  it('knows the share of the slow among requests with tags only if all requests visit the station', () => {
    const slo = [{ ...objectiveOf(single!), readings: [{ name: '/a' }] as const }]
    expect(theoryOfCapacity(evidence({ slo }))!.load).toBeGreaterThan(0)
    expect(theoryOfCapacity(evidence({ slo }, 500))!.load).toBeUndefined()
  })

  it('has nothing to say about users, or without visits', () => {
    expect(theoryOfCapacity(evidence({ subject: { unit: 'users' } }))).toBeUndefined()
    expect(theoryOfCapacity(evidence({ stations: [] }))).toBeUndefined()
    expect(theoryOfCapacity(evidence({}, 0))).toBeUndefined()
  })
})

describe('theoreticalRate', () => {
  it.each(knownQueues.map(model => [model.name, model] as const))(
    'lies below the knee of %s, and the lower the more time is lost elsewhere',
    (_, model) => {
      const { servers, meanServiceMs } = model.station
      expect(theoreticalRate(model)).toBeLessThan((1000 * servers) / meanServiceMs)
      expect(theoreticalRate(model, 2)).toBeLessThan(theoreticalRate(model))
    },
  )
})
