import { describe, expect, it } from 'vitest'
import { judgeRegressions, limitedRun, parseRegressionLimit } from '../../../../harness/comparison/regression.ts'
import { type StoredRunOptions, storedRun } from '../../../support/stored-runs.ts'

const limits = [parseRegressionLimit('http_req_duration{name:/orders} p(50) 5%')]
const run = (id: string, options: Omit<StoredRunOptions, 'id'> = {}, asked = limits) =>
  limitedRun(asked, `${id}.json`, storedRun({ id, ...options }))
const baseline = (count: number, options: Omit<StoredRunOptions, 'id'> = {}, asked = limits) =>
  Array.from({ length: count }, (_, index) => run(`base-${index}`, options, asked))
const slower = (factor: number) => ({ medians: { '/orders': 10 * factor, '/products': 5 } })

describe('parseRegressionLimit', () => {
  it('reads metric, tags, aggregation and limit', () => {
    expect(parseRegressionLimit('http_req_duration{name:/a b,status:200} p(99.9) 7.5%')).toMatchObject({
      metric: 'http_req_duration',
      limit: 0.075,
      statistic: { tags: { name: '/a b', status: '200' }, aggregation: { percentile: 99.9 } },
    })
  })

  it.each([
    ['http_req_duration', /expected a metric, its aggregation and a percentage such as 'http_req_duration p\(95\) 5%'/],
    ['http_req_duration p(95) 5', /got "http_req_duration p\(95\) 5"/],
    ['http_req_duratoin p(95) 5%', /no metric "http_req_duratoin"; did you mean "http_req_duration"\?/],
    ['http_req_failed p(95) 5%', /http_req_failed is a rate: expected rate, count/],
    ['vus value 5%', /vus is a gauge/],
  ])('rejects %s', (source, message) => {
    expect(() => parseRegressionLimit(source)).toThrow(message)
  })
})

describe('judgeRegressions', () => {
  const state = (base: ReturnType<typeof baseline>, own: ReturnType<typeof run>) =>
    judgeRegressions(limits, base, own)[0]?.state

  it('fails a run that is certainly slower by more than the limit', () => {
    const [verdict] = judgeRegressions(limits, baseline(6), run('new', slower(1.5)))
    expect(verdict).toMatchObject({ state: 'failed', baselines: 6, limit: 0.05, unit: 'ms' })
    expect(verdict?.change).toBeGreaterThan(0.4)
    expect(verdict?.interval?.low).toBeGreaterThan(0.2)
  })

  it('fails a run that is many times slower, even with a baseline of one or two that differ', () => {
    expect(state(baseline(2, { deviation: 0.5 }), run('new', slower(50)))).toBe('failed')
    expect(state(baseline(1), run('new', slower(50)))).toBe('failed')
    expect(state(baseline(2), run('new', slower(50)))).toBe('failed')
  })

  it('passes a faster run', () => {
    expect(state(baseline(6), run('new', slower(0.6)))).toBe('passed')
    expect(state(baseline(1), run('new', slower(0.6)))).toBe('passed')
  })

  it('cannot tell if runs of the baseline spread more than the limit', () => {
    expect(state(baseline(5, { deviation: 0.5 }), run('new', { deviation: 0.5 }))).toBe('unclear')
  })

  it('has no data if a run lacks the statistic', () => {
    expect(state(baseline(3), run('new', { medians: { '/products': 5 } }))).toBe('no-data')
  })

  it('takes a lower rate of requests for worse', () => {
    const asked = [parseRegressionLimit('http_reqs rate 10%')]
    const states = [200, 400, 800].map(
      requests => judgeRegressions(asked, baseline(3, {}, asked), run('new', { requests }, asked))[0]?.state,
    )
    expect(states).toEqual(['failed', 'passed', 'passed'])
  })
})
