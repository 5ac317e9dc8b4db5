import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import { comparedRun, type ComparedRun, type RunFigure } from '../../../../harness/comparison/compared-run.ts'
import { historyOf } from '../../../../harness/comparison/history.ts'
import { nameOf } from '../../../../harness/comparison/statistic.ts'
import { ShiftChance } from '../../../../harness/statistics/shift-chance.ts'
import { normal } from '../statistics/simulated-runs.ts'
import { type StoredRunOptions, storedRun } from '../../../support/stored-runs.ts'

// Shared, because random orders of one length are drawn once.
const defaults = { last: 200, seed: 1, chance: new ShiftChance(1, 1999) }
const runs = (count: number, optionsOf: (day: number) => Omit<StoredRunOptions, 'id'> = () => ({}), name = 'run') =>
  Array.from({ length: count }, (_, day) =>
    comparedRun(`${name}-${day}.json`, storedRun({ id: `${name}-${day}`, day, requests: 100, ...optionsOf(day) })),
  )
const medians = (orders: number) => ({ '/orders': orders, '/products': 5 })

describe('historyOf', () => {
  it('marks the run from which on a name is slower, says by how much, and leaves the others as they are', () => {
    const { groups } = historyOf(
      runs(24, day => ({ medians: medians(day < 15 ? 10 : 12), deviation: 0.02, tags: { commit: `c${day}` } })),
      [],
      defaults,
    )
    const [group] = groups
    const orders = group!.trends.find(({ statistic }) => statistic.includes('/orders') && statistic.endsWith('p(50)'))!
    expect(orders.state).toBe('worse')
    expect(orders.changes).toHaveLength(1)
    const [change] = orders.changes
    expect(group!.runs[change!.run]).toMatchObject({ id: 'run-15', tags: { commit: 'c15' } })
    expect(change!.change).toBeCloseTo(0.2, 1)
    expect(change!.interval.low).toBeGreaterThan(0.1)
    expect(change!.interval.high).toBeLessThan(0.3)
    expect(orders.levels.map(({ fromRun, toRun }) => [fromRun, toRun])).toEqual([
      [0, 14],
      [15, 23],
    ])
    expect(orders.noise).toBeLessThan(0.06)
    const products = group!.trends.filter(({ statistic }) => statistic.includes('/products'))
    expect(products.map(({ state }) => state)).toEqual(products.map(() => 'steady'))
  })

  it('says better where less is better, and where more is', () => {
    const { groups } = historyOf(
      runs(20, day => ({ medians: medians(day < 10 ? 10 : 7), requests: day < 10 ? 100 : 200 })),
      [],
      defaults,
    )
    const stateOf = (statistic: string) => groups[0]!.trends.find(each => each.statistic === statistic)?.state
    expect(stateOf('http_req_duration{method:GET,name:/orders} p(50)')).toBe('better')
    expect(stateOf('http_reqs rate')).toBe('better')
  })

  it('finds a change in one of many names hardly ever if there is none', () => {
    const histories = 60
    let [alarms, trends] = [0, 0]
    for (let history = 0; history < histories; history++) {
      const names = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`/n${index}`, 5 + index]))
      const { groups } = historyOf(
        runs(12, () => ({ medians: names, deviation: 0.03, requests: 40 }), `history-${history}`),
        [],
        defaults,
      )
      const changed = groups[0]!.trends.filter(({ changes }) => changes.length > 0)
      if (changed.length > 0) alarms += 1
      trends += groups[0]!.trends.length
    }
    // Without any change, every alarm is a false one: 5 % and three standard errors of 2.8 %.
    expect(alarms / histories).toBeLessThan(0.135)
    expect(trends / histories).toBeGreaterThan(15)
  })

  it('keeps the share of false ones among all that changed at one of twenty on average', () => {
    const [histories, names, slower] = [30, 20, 5]
    let [shareOfFalse, found, extra] = [0, 0, 0]
    for (let history = 0; history < histories; history++) {
      const run = comparedRun('run.json', storedRun({ id: 'one', requests: 1 }))
      const draws = random(9).fork(history)
      const series = Array.from({ length: 30 }, (_, day): ComparedRun => {
        const figures = Array.from({ length: names }, (_, name): [string, RunFigure] => {
          const statistic = { metric: 'http_req_duration', tags: { name: `/n${name}` }, aggregation: 'avg' } as const
          const level = name < slower && day >= 18 ? 0.15 : 0
          return [
            nameOf(statistic),
            { statistic, value: { value: level + 0.03 * normal(draws), samplingVariance: 1e-6 } },
          ]
        })
        return { ...run, path: `${day}`, id: `${day}`, startedAt: day, figures: new Map(figures) }
      })
      const { trends } = historyOf(series, [], defaults).groups[0]!
      const changed = trends.filter(({ changes }) => changes.length > 0)
      const isSlower = ({ statistic }: { statistic: string }) =>
        trends.findIndex(each => each.statistic === statistic) < slower
      shareOfFalse += changed.filter(trend => !isSlower(trend)).length / Math.max(1, changed.length)
      found += changed.filter(isSlower).length
      extra += changed.filter(trend => isSlower(trend) && trend.changes.length > 1).length
    }
    // 5 % × 15 of 20 are nominal.
    expect(shareOfFalse / histories).toBeLessThan(0.08)
    expect(found / (histories * slower)).toBeGreaterThan(0.98)
    expect(extra / found).toBeLessThan(0.06)
  })

  it('does not mark what the number of samples in each run allows', () => {
    // Rates that differ in the sixth digit, in an order that ranks take for a change.
    const { groups } = historyOf(
      runs(20).map((run, day) => {
        const figures = new Map(run.figures)
        const rate = figures.get('http_reqs rate')!
        const value = { value: 3.7 + (day < 10 ? 0 : 1e-6) + day * 1e-9, samplingVariance: 1e-8 }
        return { ...run, figures: figures.set('http_reqs rate', { ...rate, value }) }
      }),
      [],
      defaults,
    )
    const rate = groups[0]!.trends.find(({ statistic }) => statistic === 'http_reqs rate')!
    expect(rate.p).toBeLessThan(0.01)
    expect(rate.changes).toEqual([])
  })

  it('orders runs by their start, whatever the order of the files', () => {
    const { groups } = historyOf(runs(9).toReversed(), [], defaults)
    expect(groups[0]!.runs.map(({ id }) => id)).toEqual(Array.from({ length: 9 }, (_, day) => `run-${day}`))
  })

  it('keeps runs of different conditions apart, names what differs, and has the newest first', () => {
    const other = runs(3, day => ({ day: day + 30 }), 'other').map(run => ({
      ...run,
      conditions: new Map(run.conditions).set('Node', 'v26.0.0'),
    }))
    const { groups, differences } = historyOf([...runs(4), ...other], [], defaults)
    expect(groups.map(({ runs }) => runs.length)).toEqual([3, 4])
    expect(groups[0]!.conditions['Node']).toBe('v26.0.0')
    expect(differences).toEqual([
      {
        condition: 'Node',
        values: [
          { value: 'v26.0.0', paths: ['group 1'] },
          { value: 'v24.21.0', paths: ['group 2'] },
        ],
      },
    ])
  })

  it('keeps the runs of two servers apart, and those with an embedded target of their own together', () => {
    const at = (url: string | undefined, name: string) =>
      runs(2, undefined, name).map(run => ({ ...run, targetUrl: url }))
    const servers = historyOf([...at('http://staging', 'a'), ...at('http://live', 'b')], [], defaults)
    expect(servers.differences.map(({ condition }) => condition)).toEqual(['target URL'])
    expect(servers.groups).toHaveLength(2)
    expect(historyOf([...at(undefined, 'a'), ...at(undefined, 'b')], [], defaults).groups).toHaveLength(1)
  })

  it('keeps the newest runs of each group and counts the older', () => {
    const { groups } = historyOf(runs(12), [], { ...defaults, last: 10 })
    expect(groups[0]).toMatchObject({ olderRuns: 2, runs: { length: 10 } })
    expect(groups[0]!.runs[0]!.id).toBe('run-2')
  })

  it('says that few runs tell nothing', () => {
    const { groups } = historyOf(
      runs(7, day => ({ medians: medians(day < 4 ? 10 : 30) })),
      [],
      defaults,
    )
    expect(new Set(groups[0]!.trends.map(({ state }) => state))).toEqual(new Set(['too-few']))
  })

  it('has the trend of a statistic that some runs lack, over those that have it', () => {
    const { groups } = historyOf(
      runs(40, day => ({ medians: day % 2 === 0 ? medians(day < 20 ? 10 : 20) : { '/products': 5, '/carts': 7 } })),
      [],
      defaults,
    )
    const orders = groups[0]!.trends.find(
      ({ statistic }) => statistic.includes('/orders') && statistic.endsWith('p(50)'),
    )!
    expect(orders.values.map(value => value === null)).toEqual(Array.from({ length: 40 }, (_, day) => day % 2 === 1))
    expect(orders.changes.map(({ run }) => run)).toEqual([20])
  })

  it('keeps at most 200 trends, of the statistics that most runs have', () => {
    const names = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`/${prefix}${index}`, 5]))
    const { groups } = historyOf(
      runs(6, day => ({ medians: { ...names(`pair${day >> 1}-`), '/always': 5 }, requests: 30 })),
      [],
      defaults,
    )
    expect(groups[0]!.trends).toHaveLength(200)
    expect(groups[0]!.trendsNotKept).toBeGreaterThan(100)
    expect(groups[0]!.trends.some(({ statistic }) => statistic.includes('/always'))).toBe(true)
  })

  it('gives the same answer for the same seed', () => {
    const of = () => JSON.stringify(historyOf(runs(12), [], { last: 200, seed: 4 }))
    expect(of()).toBe(of())
  })
})
