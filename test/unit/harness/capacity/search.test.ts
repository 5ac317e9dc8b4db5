import { assert, constantFrom, double, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { normalQuantile } from '../../../../core/normal.ts'
import {
  estimateOf,
  nextStep,
  type ProbeObservation,
  probesNeeded,
  type SearchPlan,
  type SearchStep,
} from '../../../../harness/capacity/search.ts'

const plan: SearchPlan = {
  kind: 'rate',
  start: 100,
  min: 1,
  max: 100_000,
  precision: 0.05,
  probeSeconds: 10,
  mostProbes: 40,
}

interface Service {
  /** The highest load that meets the objective. */
  limit: number
  /** Margins lost when the load grows by a factor of e. */
  slope: number
  noise: number
  /** Load from which on the generator is too slow. */
  generator?: number
}

function observe({ limit, slope, noise, generator = Infinity }: Service, load: number, seed: number): ProbeObservation {
  if (load >= generator) return { load, seconds: 10, steady: true }
  const error = Math.max(noise, 0.01)
  const chance = normalQuantile(
    random(seed)
      .fork(Math.round(load * 1000))
      .next() *
      0.998 +
      0.001,
  )
  return {
    load,
    seconds: 10,
    steady: true,
    margin: { value: slope * Math.log(limit / load) + noise * chance, error, degrees: 9 },
  }
}

function search(given: SearchPlan, service: Service, seed = 1) {
  const observations: ProbeObservation[] = []
  for (;;) {
    const step = nextStep(given, observations)
    if (step.action === 'stop') return { state: step.state, observations, found: estimateOf(given, observations) }
    observations.push(observe(service, step.load, seed + observations.length))
  }
}

const loadsOf = (observations: readonly ProbeObservation[]) => observations.map(({ load }) => load)

describe('a search', () => {
  it('brackets the limit by doubling, and ends when the interval is narrow', () => {
    const { state, observations, found } = search(plan, { limit: 700, slope: 8, noise: 0.05 })
    expect(state).toBe('found')
    expect(loadsOf(observations).slice(0, 2)).toEqual([100, 400])
    expect(Math.abs(found!.estimate / 700 - 1)).toBeLessThan(0.05)
    expect(found!.interval.low).toBeLessThan(700)
    expect(found!.interval.high).toBeGreaterThan(700)
    expect(observations.length).toBeLessThanOrEqual(9)
  })

  it('goes down from a start that fails', () => {
    const { state, found } = search({ ...plan, start: 5000 }, { limit: 30, slope: 5, noise: 0.1 })
    expect(state).toBe('found')
    expect(Math.abs(found!.estimate / 30 - 1)).toBeLessThan(0.06)
  })

  it('has a narrower interval than demanded, and one that contains the limit in nearly all of a thousand noisy services', () => {
    let [missed, far, probes] = [0, 0, 0]
    const searches = 1000
    for (let seed = 0; seed < searches; seed++) {
      const draws = random(seed)
      const service = {
        limit: 10 ** (1 + 3 * draws.next()),
        slope: 2 ** (1 + 4 * draws.next()),
        noise: 0.1 + 0.3 * draws.next(),
      }
      const { found, observations } = search(plan, service, seed * 1000)
      const { estimate, interval } = found!
      if (service.limit < interval.low || service.limit > interval.high) missed += 1
      if (Math.abs(estimate / service.limit - 1) > 0.05) far += 1
      probes += observations.length
    }
    expect(missed / searches).toBeLessThan(0.07)
    expect(far / searches).toBeLessThan(0.08)
    expect(probes / searches).toBeLessThan(16)
  }, 120_000)

  it('ends for any service, and never probes outside of its bounds', () => {
    assert(
      property(
        record({
          limit: double({ min: 0.01, max: 1e6, noNaN: true }),
          slope: double({ min: 0.1, max: 200, noNaN: true }),
          noise: double({ min: 0, max: 3, noNaN: true }),
          generator: double({ min: 2, max: 1e6, noNaN: true }),
        }),
        constantFrom<SearchPlan['kind']>('users', 'rate'),
        integer({ min: 0, max: 1e6 }),
        (service, kind, seed) => {
          const given = { ...plan, kind, min: 2, max: 50_000 }
          const { observations } = search(given, service, seed)
          expect(observations.length).toBeLessThanOrEqual(given.mostProbes)
          for (const load of loadsOf(observations)) {
            expect(load).toBeGreaterThanOrEqual(2)
            expect(load).toBeLessThanOrEqual(50_000)
            if (kind === 'users') expect(load).toBe(Math.round(load))
          }
        },
      ),
      { seed: 7, numRuns: 100 },
    )
  }, 120_000)

  it('finds the number of users to the user', () => {
    const { state, found } = search({ ...plan, kind: 'users', start: 4 }, { limit: 7.4, slope: 20, noise: 0.05 })
    expect(state).toBe('found')
    expect(Math.floor(found!.estimate)).toBe(7)
    const sure = search({ ...plan, kind: 'users', start: 7, precision: 0.005 }, { limit: 7.4, slope: 20, noise: 0.05 })
    expect(sure.found).toMatchObject({ estimate: 7, interval: { low: 7, high: 7 } })
  })

  it('goes on if a number of users met the objective once and failed it once', () => {
    const at = (load: number, value: number): ProbeObservation => ({
      load,
      seconds: 10,
      steady: true,
      margin: { value, error: 0.2, degrees: 9 },
    })
    const users = { ...plan, kind: 'users' as const, start: 4 }
    expect(nextStep(users, [at(7, 1), at(8, -1)]).action).toBe('stop')
    expect(nextStep(users, [at(7, 1), at(8, -1), at(7, -1)]).action).toBe('probe')
    expect(nextStep(users, [at(7, 0.1), at(8, -1)]).action).toBe('probe')
  })

  it('stops at --max if everything meets the objective, and at --min if nothing does', () => {
    expect(search({ ...plan, max: 3000 }, { limit: 1e9, slope: 3, noise: 0.1 })).toMatchObject({
      state: 'all_meet',
      found: undefined,
    })
    expect(search({ ...plan, min: 5 }, { limit: 0.01, slope: 3, noise: 0.1 })).toMatchObject({
      state: 'none_meet',
      found: undefined,
    })
  })

  it('names the generator when it is too slow before the target is, and closes in on its limit', () => {
    const { state, observations } = search(plan, { limit: 1e9, slope: 3, noise: 0.1, generator: 900 })
    expect(state).toBe('generator_limit')
    const valid = observations.filter(({ margin }) => margin !== undefined)
    expect(Math.max(...loadsOf(valid))).toBeGreaterThan(800)
  })

  it('does not take a busy moment of the machine for the limit of the generator', () => {
    const observations: ProbeObservation[] = []
    const service = { limit: 5000, slope: 8, noise: 0.1 }
    for (;;) {
      const step = nextStep(plan, observations)
      if (step.action === 'stop') break
      const isBusy = observations.length === 2
      observations.push(
        isBusy ? { load: step.load, seconds: 10, steady: true } : observe(service, step.load, observations.length),
      )
    }
    expect(Math.abs(estimateOf(plan, observations)!.estimate / 5000 - 1)).toBeLessThan(0.06)
  })

  it('finds a limit below that of the generator', () => {
    const { state, found } = search(plan, { limit: 700, slope: 8, noise: 0.1, generator: 900 })
    expect(state).toBe('found')
    expect(Math.abs(found!.estimate / 700 - 1)).toBeLessThan(0.06)
  })

  it('spends no more probes than allowed, and says how many more it takes', () => {
    const { state, observations } = search({ ...plan, mostProbes: 7 }, { limit: 700, slope: 1, noise: 0.6 })
    expect(state).toBe('probes_spent')
    expect(observations).toHaveLength(7)
    expect(probesNeeded(plan, observations)).toBeGreaterThan(3)
  })

  it('lengthens probes after one that was not steady', () => {
    const step = (steady: boolean) =>
      nextStep(plan, [{ load: 100, seconds: 10, steady, margin: { value: 1, error: 0.2, degrees: 9 } }]) as Extract<
        SearchStep,
        { action: 'probe' }
      >
    expect([step(true).seconds, step(false).seconds]).toEqual([10, 15])
  })
})
