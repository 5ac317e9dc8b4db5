import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { marginOf, NOTHING_MEASURED, partOf } from '../../../../harness/capacity/margin.ts'
import { readSlo } from '../../../../harness/capacity/slo.ts'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'

const slo = (text: string) => readSlo(new Inspector(), [text])

const seconds = (count: number, part: { sum: number; count: number }) => Array.from({ length: count }, () => part)

describe('marginOf', () => {
  it('is the logarithm of what a percentile allows, divided by what was slower', () => {
    const margin = marginOf(slo('http_req_duration p(95)<200'), [seconds(10, { sum: 2, count: 100 })])
    expect(margin.value).toBeCloseTo(Math.log(0.05 / 0.02), 9)
    expect(margin.degrees).toBe(9)
  })

  it('is negative where the objective fails, and that of the worst condition', () => {
    const both = slo('http_req_duration p(95)<200, http_req_failed rate<0.01')
    const margin = marginOf(both, [seconds(10, { sum: 1, count: 100 }), seconds(10, { sum: 4, count: 100 })])
    expect(margin.value).toBeCloseTo(Math.log(0.01 / 0.04), 9)
  })

  it('has the standard error of the share, as many repetitions show', () => {
    const errors: number[] = []
    const values: number[] = []
    for (let seed = 0; seed < 300; seed++) {
      const draws = random(seed)
      const parts = Array.from({ length: 12 }, () => {
        let sum = 0
        for (let sample = 0; sample < 200; sample++) if (draws.next() < 0.05) sum += 1
        return { sum, count: 200 }
      })
      const { value, error } = marginOf(slo('http_req_duration p(95)<200'), [parts])
      values.push(value)
      errors.push(error)
    }
    const spread = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
    const claimed = errors.reduce((sum, error) => sum + error, 0) / errors.length
    expect(claimed / spread).toBeGreaterThan(0.9)
    expect(claimed / spread).toBeLessThan(1.5)
  })

  it('is less sure when neighbouring seconds resemble each other', () => {
    const parts = (slow: number[]) => slow.map(sum => ({ sum, count: 100 }))
    const calm = marginOf(slo('http_req_duration p(95)<200'), [parts([1, 9, 1, 9, 1, 9, 1, 9, 1, 9])])
    const waves = marginOf(slo('http_req_duration p(95)<200'), [parts([1, 1, 1, 1, 1, 9, 9, 9, 9, 9])])
    expect(waves.error).toBeGreaterThan(1.3 * calm.error)
  })

  it('does not take the absence of slow requests for certainty', () => {
    const few = marginOf(slo('http_req_duration p(95)<200'), [seconds(10, { sum: 0, count: 1 })])
    expect(few.value).toBeCloseTo(0.5, 9)
    expect(few.error).toBeGreaterThan(0.9)
    const many = marginOf(slo('http_req_duration p(95)<200'), [seconds(10, { sum: 0, count: 100 })])
    expect(many.value).toBeCloseTo(Math.log(0.05 / 0.0005), 9)
  })

  it('fails a condition that allows nothing with its first violation', () => {
    const strict = slo('checks rate==1')
    expect(marginOf(strict, [seconds(5, { sum: 0, count: 100 })]).value).toBeGreaterThan(0)
    expect(marginOf(strict, [[...seconds(5, { sum: 0, count: 100 }), { sum: 1, count: 100 }]]).value).toBeLessThan(-1)
  })

  it('fails without any sample', () => {
    expect(marginOf(slo('http_req_duration p(95)<200'), [seconds(5, { sum: 0, count: 0 })])).toEqual(NOTHING_MEASURED)
  })
})

describe('partOf', () => {
  function second() {
    const snapshot = new Snapshot()
    for (const ms of [10, 100, 250, 300]) snapshot.value('http_req_duration', { name: '/a' }).histogram.record(ms)
    const checks = snapshot.value('checks', {})
    checks.hits = 9
    checks.total = 10
    snapshot.value('http_reqs', {}).total = 40
    return snapshot
  }
  const part = (text: string) => partOf(slo(text)[0]!, second(), 1)

  it('counts the samples beyond the limit', () => {
    expect(part('http_req_duration p(95)<200')).toEqual({ sum: 2, count: 4 })
    expect(part('http_req_duration{name:/b} p(95)<200')).toEqual({ sum: 0, count: 0 })
  })

  it('sums up times for a mean, misses for a lower limit, and counts over time', () => {
    expect(part('http_req_duration avg<200')).toEqual({ sum: 660, count: 4 })
    expect(part('checks rate>0.99')).toEqual({ sum: 1, count: 10 })
    expect(part('http_reqs rate<50')).toEqual({ sum: 40, count: 1 })
    expect(part('dropped_iterations count==0')).toEqual({ sum: 0, count: 1 })
  })
})
