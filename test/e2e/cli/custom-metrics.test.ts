import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** Two users with four iterations each; the warm-up has iterations of its own, which must not count. */
const shop = `
  import { counter, gauge, rate, scenario, trend, user } from 'loadcell'
  const basket = counter('basket_value', { unit: 'EUR', description: 'Value of all baskets.', tags: ['kind'] })
  const hits = trend('search_hits', { unit: 'items' })
  const found = rate('search_found')
  const depth = gauge('queue_depth')
  const missed = counter('missed')
  export default scenario({
    load: { executor: 'per-vu-iterations', vus: 2, iterations: 4 },
    warmup: '300ms',
    metrics: [basket, hits, found, depth, missed],
    tags: ['region'],
    users: [user('shopper', {
      tags: { plan: 'gold' },
      async iterate({ http, group, record, check, vu }) {
        await group('search', async () => {
          const answer = await http.get('/products?limit=3', { tags: { region: vu.id === 0 ? 'eu' : 'us' } })
          check(answer, { 'is ok': ({ ok }) => ok })
          const { items } = answer.json<{ items: unknown[] }>()
          record(hits, items.length)
          record(found, items.length > 0)
        })
        await group('checkout', () => Promise.all([
          group('payment', () => http.get('/categories')),
          group('stock', () => http.get('/categories', { tags: { name: 'stock', region: 'eu' } })),
        ]))
        record(basket, 12.5, { kind: vu.id === 0 ? 'book' : 'toy' })
        record(depth, vu.iteration)
      },
    })],
    thresholds: {
      'basket_value{kind:book}': ['count==50'],
      search_hits: ['p(95)<=3', 'count==8'],
      'search_hits{group:search,plan:gold}': ['avg==3'],
      search_found: ['rate==1'],
      queue_depth: ['value==3', 'min==0', 'max==3'],
      missed: ['count==0'],
      'http_reqs{region:eu}': ['count==12'],
      'http_req_failed{group:checkout::payment}': ['rate==0'],
      'group_duration{group:checkout}': ['count==8'],
      'checks{group:search}': ['rate==1'],
    },
  })`

describe('metrics, tags and groups of a scenario', () => {
  it('decide thresholds, and every count agrees with the iterations and requests', async () => {
    const out = scratchFolder()
    const formats = ['csv', 'openmetrics', 'markdown', 'junit', 'hdr'].flatMap(format => ['--report', format])
    const { output } = await loadcell(['run', writeScenario(shop), ...formats, '--out', out])
    const result = readResult(out)
    expect(
      result.thresholds.filter(({ state }) => state !== 'passed'),
      output,
    ).toEqual([])
    expect(result.totals).toMatchObject({ iterations: 8, requests: 24 })
    expect(result.groups?.map(({ group, count, failed, requests }) => [group, count, failed, requests])).toEqual([
      ['checkout', 8, 0, 0],
      ['checkout::payment', 8, 0, 8],
      ['checkout::stock', 8, 0, 8],
      ['search', 8, 0, 8],
    ])
    for (const tag of ['region', 'plan']) {
      const rows = result.tagged?.filter(row => row.tag === tag) ?? []
      expect(
        rows.reduce((sum, { requests }) => sum + requests, 0),
        tag,
      ).toBe(result.totals.requests)
    }
    expect(result.tagged?.map(({ tag, value, requests }) => [tag, value, requests])).toEqual([
      ['region', '', 8],
      ['region', 'eu', 12],
      ['region', 'us', 4],
      ['plan', 'gold', 24],
    ])
    expect(result.names.map(({ name, requests }) => [name, requests])).toContainEqual(['stock', 8])
    const file = (name: string) => readFileSync(join(out, name), 'utf8')
    expect(file('metrics.csv')).toMatch(/^basket_value,counter,EUR,kind,book,50,/m)
    expect(file('openmetrics.txt')).toMatch(/^loadcell_basket_value_total\{[^}]*kind="toy"[^}]*\} 50$/m)
    expect(file('openmetrics.txt')).toMatch(/^loadcell_search_hits_sum\{[^}]*\} 24$/m)
    expect(file('openmetrics.txt')).toMatch(
      /^loadcell_group_duration_seconds_count\{[^}]*group="checkout::stock"[^}]*\} 8$/m,
    )
    expect(file('summary.md')).toContain('| `basket_value` | counter | 100 EUR')
    expect(file('histograms.hlog')).toContain('Tag=search_hits,')
    expect(file('report.html')).toContain('Metrics of the scenario')
    expect(output).toMatch(/^metrics {5}basket_value +100 EUR/m)
    expect(output).toMatch(/^groups {6}checkout +8 times/m)
  })

  it('are compared between runs, and limit how much worse a run may be than its baseline', async () => {
    const scenario = writeScenario(shop)
    const first = scratchFolder()
    await loadcell(['run', scenario, '--warmup', '0', '--seed', '1', '--out', first])
    const copies = ['a', 'b', 'c', 'd'].map(id => {
      const path = join(scratchFolder(), 'result.json')
      const result = readResult(first)
      writeFileSync(path, JSON.stringify({ ...result, run: { ...result.run, id } }))
      return path
    })
    const compared = await loadcell(['compare', ...copies.slice(0, 2), '--with', ...copies.slice(2)])
    expect(compared.output).toMatch(/search_hits p\(50\)\n.*3\.00 items → 3\.00 items/)
    const out = scratchFolder()
    const limits = ['search_hits{group:search} avg 5%', 'basket_value count 5%'].flatMap(limit => [
      '--max-regression',
      limit,
    ])
    await loadcell([
      'run',
      scenario,
      '--warmup',
      '0',
      '--seed',
      '1',
      '--baseline',
      first,
      ...limits,
      '--force',
      '--out',
      out,
    ])
    expect(readResult(out).regressions?.map(({ demand, state, unit }) => [demand, state, unit])).toEqual([
      ['search_hits{group:search} avg 5%', 'passed', 'items'],
      ['basket_value count 5%', 'passed', 'EUR'],
    ])
  })

  it('are refused before any load with their place, if they are declared wrongly', async () => {
    const scenario = writeScenario(`
      import { counter, rate, scenario, trend, user } from 'loadcell'
      export default scenario({
        load: { executor: 'constant-vus', vus: 1, duration: '1s' },
        metrics: [counter('http_reqs'), trend('size'), rate('size')],
        tags: ['status'],
        users: [user('u', { iterate: () => {} })],
        thresholds: { 'http_req_duration{regoin:eu}': ['p(95)<1'] },
      })`)
    const { code, output } = await loadcell(['run', scenario])
    expect(code).not.toBe(0)
    expect(output).toContain('metrics[0]: http_reqs is a metric of Loadcell itself')
    expect(output).toContain('metrics[2]: size is a rate here and a trend above')
    expect(output).toContain('tags[0]: status is a tag of Loadcell itself')
    expect(output).toContain('there is no tag "regoin"')
  })

  it('name the place in the scenario when a value or a tag is unusable', async () => {
    const scenario = writeScenario(`
      import { counter, scenario, user } from 'loadcell'
      const sold = counter('sold')
      export default scenario({
        load: { executor: 'per-vu-iterations', vus: 2, iterations: 1 },
        metrics: [sold],
        tags: ['region'],
        users: [
          user('a', { iterate: ({ record }) => record(sold, Number.NaN) }),
          user('b', { iterate: ({ http }) => http.get('/products', { tags: { regoin: 'eu' } }) }),
        ],
      })`)
    const out = scratchFolder()
    await loadcell(['run', scenario, '--warmup', '0', '--out', out])
    const examples = readResult(out)
      .errors.map(({ example }) => example)
      .join('\n')
    expect(examples).toMatch(/the counter sold: expected a finite number, got NaN \(.*\.ts:9\)/)
    expect(examples).toMatch(/there is no tag "regoin" in the scenario's tags; did you mean "region"\?.*\(.*\.ts:10\)/)
    expect(readResult(out).totals.requests).toBe(0)
  })

  it('share one value when a scenario makes up too many', async () => {
    const scenario = writeScenario(`
      import { counter, scenario, user } from 'loadcell'
      const sold = counter('sold', { tags: ['order'] })
      export default scenario({
        load: { executor: 'per-vu-iterations', vus: 1, iterations: 300 },
        metrics: [sold],
        users: [user('u', { iterate: ({ record, vu }) => record(sold, 1, { order: vu.iteration }) })],
      })`)
    const out = scratchFolder()
    await loadcell(['run', scenario, '--warmup', '0', '--out', out])
    const [row] = readResult(out).customMetrics ?? []
    const orders = row?.byTag.filter(({ tag }) => tag === 'order') ?? []
    expect(orders).toHaveLength(101)
    expect(orders.find(({ value }) => value === '(other)')?.figures).toMatchObject({ total: 200 })
    expect(row?.figures).toMatchObject({ total: 300 })
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('there were more values than are kept apart')
  })
})
