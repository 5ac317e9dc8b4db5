import { describe, expect, it } from 'vitest'
import { peakOf } from '../../../../harness/load/plan.ts'
import { createPlan, type PlanOptions } from '../../../../harness/plan/plan.ts'
import { type LoadDefinition, stages, user } from '../../../../harness/scenario.ts'
import { warmupPlan } from '../../../../harness/run/warmup.ts'

const visitor = user('visitor', { iterate: () => {} })
const browse: LoadDefinition = { executor: 'ramping-vus', stages: stages('10s → 20', '10s → 20'), users: [visitor] }
const sale: LoadDefinition = {
  executor: 'constant-arrival-rate',
  rate: 600,
  timeUnit: '1m',
  duration: '5s',
  startTime: '10s',
  users: [visitor, user('buyer', { iterate: () => {} })],
}
const batch: LoadDefinition = { executor: 'shared-iterations', vus: 1, iterations: 5, users: [visitor] }

function plan(
  options: Partial<PlanOptions>,
  loads: Record<string, LoadDefinition> = { browse, sale },
  more: object = {},
) {
  return createPlan({ loads, ...more }, 'trial', { seed: 1, tags: {}, ...options })
}

describe('options over several loads', () => {
  it('stretch start times and lengths together with --duration', () => {
    const { loads, plannedMs } = plan({ duration: '40s' })
    expect(plannedMs).toBe(40_000)
    expect(loads).toMatchObject([
      { startMs: 0, load: { stages: [{ durationMs: 20_000 }, { durationMs: 20_000 }] } },
      { startMs: 20_000, load: { durationMs: 10_000 } },
    ])
  })

  it('stretch disturbances and phases with the loads', () => {
    const timeline = {
      phases: [
        { name: 'calm', duration: '10s' },
        { name: 'down', duration: '10s', faults: ['brownout'] },
      ],
    }
    const more = { disturb: [{ at: '5s', disconnect: 1 }], faults: { timeline } }
    const { disturbances, faults } = plan({ duration: '10s' }, { browse, sale }, more)
    expect(disturbances).toMatchObject([{ atMs: 2500 }])
    expect(faults?.timeline?.phases).toMatchObject([{ duration: 5000 }, { duration: 5000 }])
  })

  it('give each load the shape of a profile in its own time', () => {
    const { loads, plannedMs } = plan({ profile: 'stress' })
    expect(plannedMs).toBeCloseTo(20_000)
    expect(loads.map(({ startMs, load }) => [startMs, peakOf(load)])).toEqual([
      [0, 40],
      [10_000, 20],
    ])
    const smoke = plan({ profile: 'smoke' })
    expect(smoke.plannedMs).toBeCloseTo(10_000)
    expect(smoke.loads.map(({ startMs, load }) => [startMs, peakOf(load)])).toEqual([
      [0, 2],
      [5000, 2],
    ])
  })

  it('scale the peak of one load that --only leaves', () => {
    expect(plan({ only: ['browse'], vus: 7 }).loads).toMatchObject([
      { name: 'browse', load: { stages: [{ target: 7 }, {}] } },
    ])
    expect(plan({ only: ['sale'], rate: 120 }).loads).toMatchObject([{ name: 'sale', load: { ratePerSecond: 2 } }])
  })

  it.each([
    [{ vus: 5 }, '--vus: does not fit several loads; choose one that is driven by users with --only: browse'],
    [{ rate: 5 }, '--rate: does not fit several loads; choose one that is driven by arrivals with --only: sale'],
    [{ only: ['sale'], vus: 5 }, '--vus: does not fit constant-arrival-rate, which is driven by arrivals; use --rate'],
    [{ only: ['browse'], rate: 5 }, '--rate: does not fit ramping-vus, which is driven by users; use --vus'],
  ])('are refused with advice where they do not fit: %j', (options, line) => {
    expect(() => plan(options)).toThrow(line)
  })

  it('are refused for loads that end by themselves, unless others are chosen', () => {
    const loads = { browse, batch }
    const reason =
      'does not fit batch (shared-iterations), which ends when its iterations are done; choose others with --only'
    expect(() => plan({ duration: '5s' }, loads)).toThrow(`--duration: ${reason}`)
    expect(() => plan({ profile: 'smoke' }, loads)).toThrow(`--profile: ${reason}`)
    expect(plan({ duration: '5s', only: ['browse'] }, loads).plannedMs).toBe(5000)
    expect(() => plan({ rate: 1 }, loads)).toThrow('does not fit several loads; and none of them is driven by arrivals')
  })

  it('leave enough ids for every user of a larger load', () => {
    expect(plan({ profile: 'stress' }, { browse, more: { ...browse } }).loads.map(({ firstId }) => firstId)).toEqual([
      0, 40,
    ])
  })
})

describe('the warm-up of several loads', () => {
  it('runs all of them at once, and shares the rate', () => {
    const warm = warmupPlan(plan({ warmup: '2s' }))
    expect(warm.loads).toMatchObject([
      { name: 'browse', startMs: 0, load: { executor: 'constant-vus', vus: 10, durationMs: 2000 } },
      { name: 'sale', startMs: 0, load: { executor: 'constant-arrival-rate', ratePerSecond: 5, durationMs: 2000 } },
    ])
  })
})
