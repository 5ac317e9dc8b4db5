import { describe, expect, it } from 'vitest'
import { comparedRun } from '../../../../harness/comparison/compared-run.ts'
import { compareRuns } from '../../../../harness/comparison/comparison.ts'
import { type StoredRunOptions, storedRun } from '../../../support/stored-runs.ts'

const runs = (side: string, count: number, options: Omit<StoredRunOptions, 'id'> = {}) =>
  Array.from({ length: count }, (_, index) => {
    const id = `${side}-${index}`
    return comparedRun(`${id}.json`, storedRun({ id, ...options }))
  })
const defaults = { tolerance: 0.05, seed: 1 }

describe('compareRuns', () => {
  it('compares metrics of the scenario in their own direction, unless their kind or unit has changed', () => {
    const side = (name: string, total: number, unit: string, better: 'higher' | 'lower' = 'higher') =>
      Array.from({ length: 3 }, (_, index) => {
        const run = storedRun({ id: `${name}-${index}` })
        const series = [...run.series, { metric: 'sold', tags: {}, value: { kind: 'counter', total } as const }]
        const customMetrics = [{ name: 'sold', kind: 'counter', unit, better } as const]
        return comparedRun(`${name}-${index}.json`, { ...run, series, customMetrics })
      })
    const rowOf = (result: ReturnType<typeof compareRuns>) =>
      result.rows.find(({ statistic }) => statistic === 'sold rate')
    expect(rowOf(compareRuns(side('a', 1000, 'EUR'), side('b', 500, 'EUR'), defaults))).toMatchObject({
      state: 'worse',
    })
    const lower = compareRuns(side('a', 1000, 'EUR', 'lower'), side('b', 500, 'EUR', 'lower'), defaults)
    expect(rowOf(lower)).toMatchObject({ state: 'better', unit: 'per second' })
    const changed = compareRuns(side('a', 1000, 'EUR'), side('b', 1000, 'cents'), defaults)
    expect(rowOf(changed)).toBeUndefined()
    expect(changed.missing).toContainEqual({ statistic: 'sold rate', base: 3, other: 0 })
  })

  it('calls something different in about one of twenty comparisons between equal sides, and its intervals contain zero', () => {
    const comparisons = 80
    let [different, tested, missed] = [0, 0, 0]
    for (let comparison = 0; comparison < comparisons; comparison++) {
      const options = { medians: { '/orders': 10 }, deviation: 0.02, requests: 100 }
      const { rows } = compareRuns(runs(`a${comparison}`, 4, options), runs(`b${comparison}`, 4, options), defaults)
      if (rows.some(({ state }) => state === 'worse' || state === 'better')) different += 1
      const times = rows.filter(({ unit }) => unit === 'ms')
      tested += times.length
      missed += times.filter(({ verdict }) => verdict.p < 0.05).length
    }
    // The rates of false alarms of whole comparisons and of single statistics, plus three standard errors.
    expect(different / comparisons).toBeLessThan(0.05 + 0.075)
    expect(missed / tested).toBeLessThan(0.05 + 0.05)
    expect(missed).toBeGreaterThan(0)
  })

  it('finds the names that are slower, and therefore the whole, among those that are not', () => {
    const medians = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`/n${index}`, 5 + index]))
    const slower = { ...medians, '/n3': medians['/n3']! * 1.2, '/n7': medians['/n7']! * 1.3 }
    const { rows } = compareRuns(
      runs('base', 5, { medians, requests: 200 }),
      runs('new', 5, { medians: slower, requests: 200 }),
      defaults,
    )
    const found = rows.filter(({ state, statistic }) => state === 'worse' && statistic.endsWith(' p(50)'))
    expect(found.map(({ statistic }) => statistic)).toEqual([
      'http_req_duration p(50)',
      'http_req_duration{method:GET,name:/n3} p(50)',
      'http_req_duration{method:GET,name:/n7} p(50)',
    ])
  })

  it('judges shares by their difference in points', () => {
    const { rows } = compareRuns(runs('base', 5), runs('new', 5, { failed: 0.05 }), defaults)
    const failed = rows.find(({ statistic }) => statistic === 'http_req_failed rate')
    expect(failed).toMatchObject({ unit: 'share', base: 0, state: 'worse' })
    expect(failed?.verdict.change).toBeCloseTo(0.05, 1)
  })

  it('takes more requests a second for better, and fewer for worse', () => {
    const state = (requests: number) =>
      compareRuns(runs('base', 3), runs('new', 3, { requests }), defaults).rows.find(
        ({ statistic }) => statistic === 'http_reqs rate',
      )?.state
    expect([state(300), state(400), state(500)]).toEqual(['worse', 'same', 'better'])
  })

  it('compares percentiles only if samples lie beyond them in every run', () => {
    const { rows, missing } = compareRuns(runs('base', 2, { requests: 30 }), runs('new', 2, { requests: 60 }), defaults)
    expect(rows.map(({ statistic }) => statistic)).not.toContain('http_req_duration p(99)')
    expect(missing).toContainEqual({ statistic: 'http_req_duration p(99)', base: 0, other: 2 })
  })

  it('names the conditions in which runs differ', () => {
    const stored = storedRun({ id: 'new' })
    const other = comparedRun('new.json', { ...stored, run: { ...stored.run, load: '80 arrivals a second for 10s' } })
    expect(compareRuns(runs('base', 3), [other], defaults).differences).toEqual([
      {
        condition: 'load',
        values: [
          { value: '40 arrivals a second for 10s', paths: ['base-0.json', 'base-1.json', 'base-2.json'] },
          { value: '80 arrivals a second for 10s', paths: ['new.json'] },
        ],
      },
    ])
  })
})
