import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../../harness/plan/inspector.ts'
import { createPlan, ScenarioError } from '../../../../harness/plan/plan.ts'
import { readMetrics } from '../../../../harness/plan/read-metrics.ts'
import { vocabularyOf } from '../../../../harness/plan/read-vocabulary.ts'
import { counter, gauge, rate, type Scenario, scenario, trend, user } from '../../../../harness/scenario.ts'

const base = {
  load: { executor: 'constant-vus', vus: 1, duration: '1s' },
  users: [user('u', { iterate: () => {} })],
} as const

function linesOf(more: object): readonly string[] {
  try {
    createPlan({ ...base, ...more }, 'trial', { seed: 1, tags: {} })
  } catch (error) {
    if (error instanceof ScenarioError) return error.lines
    throw error
  }
  return []
}

describe('the metrics of a scenario', () => {
  it('are taken over, and thresholds may name them and their tags', () => {
    const sold = counter('sold', { unit: 'EUR', tags: ['kind'] })
    const definition = scenario({
      ...base,
      users: [user('u', { tags: { plan: 'gold' }, tasks: { buy: { tags: { cart: 'full' }, run: () => {} } } })],
      metrics: [sold, gauge('depth')],
      tags: ['region'],
      thresholds: {
        'sold{kind:book}': ['count>10', 'rate>1'],
        depth: ['value<5', 'max<9', 'min>=0'],
        'http_req_duration{region:eu,plan:gold,cart:full,group:a::b}': ['p(95)<200'],
      },
    } satisfies Scenario)
    const plan = createPlan(definition, 'trial', { seed: 1, tags: {} })
    expect([...plan.vocabulary.custom.values()]).toEqual([sold, gauge('depth')])
    expect(plan.thresholds.map(({ metric, readings, unit }) => [metric, readings[0], unit])).toEqual([
      ['sold', { kind: 'book' }, 'EUR'],
      ['sold', { kind: 'book' }, 'per second'],
      ['depth', {}, 'count'],
      ['depth', {}, 'count'],
      ['depth', {}, 'count'],
      ['http_req_duration', { region: 'eu', plan: 'gold', cart: 'full', group: 'a::b' }, 'ms'],
    ])
    expect(vocabularyOf(definition).tags).toEqual(plan.vocabulary.tags)
  })

  it.each([
    [{ metrics: [counter('http_reqs')] }, 'metrics[0]: http_reqs is a metric of Loadcell itself: choose another name'],
    [
      { metrics: [counter('sold'), trend('sold')] },
      'metrics[1]: sold is a trend here and a counter above: a metric has one kind',
    ],
    [
      { metrics: [counter('sold'), counter('sold')] },
      'metrics[1]: sold is declared twice: declare it once and use that',
    ],
    [
      { metrics: [rate('found'), counter('found_hits')] },
      'metrics[1]: found_hits is exported under the same name as a part of the rate found',
    ],
    [
      { metrics: [counter('checks_hits')] },
      'metrics[0]: checks_hits is exported under the same name as a part of the rate checks',
    ],
    [
      { metrics: [gauge('http_req_duration_seconds')] },
      'metrics[0]: http_req_duration_seconds is exported under the same name as a part of the trend http_req_duration',
    ],
    [{ metrics: [gauge('run_exit_code')] }, 'metrics[0]: run_exit_code is a metric of Loadcell itself'],
    [{ metrics: [counter('sold_total')] }, 'metrics[0].name: sold_total ends with _total'],
    [{ metrics: [counter('n'.repeat(101))] }, 'metrics[0].name: expected a name of up to 100 letters'],
    [
      { metrics: [counter('2nd')] },
      'metrics[0].name: expected a name of up to 100 letters, digits and _ that begins with a letter, got "2nd"',
    ],
    [
      { metrics: [trend('size', { unti: 'MB' } as never)] },
      'metrics[0].unti: there is no such key; did you mean "unit"?',
    ],
    [{ metrics: [trend('size', { unit: '' })] }, 'metrics[0].unit: expected a text of 1 to 30 characters'],
    [{ metrics: [gauge('depth', { better: 'up' as never })] }, 'metrics[0].better: expected higher or lower'],
    [
      { metrics: [counter('sold', { tags: ['status'] })] },
      'metrics[0].tags[0]: status is a tag of Loadcell itself: choose another key',
    ],
    [
      { metrics: [counter('sold', { tags: ['le'] })] },
      'metrics[0].tags[0]: le has a meaning in the formats of metrics',
    ],
    [{ metrics: ['sold'] }, "metrics[0]: expected a metric such as counter('basket_value')"],
    [{ metrics: { sold: 1 } }, "metrics: expected an array such as [counter('basket_value', { unit: 'EUR' })]"],
    [{ tags: ['user'] }, 'tags[0]: user is a tag of Loadcell itself'],
    [{ tags: ['two words'] }, 'tags[0]: expected a key of up to 100 letters, digits and _'],
    [{ tags: { region: 1 } }, "tags: expected an array of keys such as ['region']"],
    [
      { users: [user('u', { tags: { group: 'x' }, iterate: () => {} })] },
      'users[0].tags.group: group is a tag of Loadcell itself',
    ],
    [
      { users: [user('u', { tags: { plan: '' }, iterate: () => {} })] },
      'users[0].tags.plan: the tag plan: expected a value, got an empty text',
    ],
    [
      { users: [user('u', { tasks: { buy: { tags: 'x' as never, run: () => {} } } })] },
      'users[0].tasks.buy.tags: expected an object',
    ],
    [
      { metrics: [counter('sold')], thresholds: { slod: ['count>1'] } },
      'thresholds.slod[0]: there is no metric "slod"; did you mean "sold"?',
    ],
    [
      { tags: ['region'], thresholds: { 'http_reqs{regoin:eu}': ['count>1'] } },
      'there is no tag "regoin"; did you mean "region"?',
    ],
    [
      { metrics: [counter('sold')], thresholds: { sold: ['p(95)<1'] } },
      'sold is a counter: expected count, rate, got "p(95)"',
    ],
    [
      { metrics: [gauge('depth')], thresholds: { 'depth{phase:x}': ['value<1'] } },
      'depth is a gauge, the last value there was: it has no phase',
    ],
  ])('are refused with the place before any load: %j', (more, line) => {
    expect(linesOf(more).join('\n')).toContain(line)
  })

  it('are bounded in number', () => {
    const many = Array.from({ length: 101 }, (_, index) => counter(`metric${index}`))
    expect(linesOf({ metrics: many })).toEqual(['metrics: expected at most 100 metrics, got 101'])
    expect(linesOf({ tags: Array.from({ length: 21 }, (_, index) => `tag${index}`) })).toEqual([
      'tags: expected at most 20 tags, got 21',
    ])
  })

  it('of all kinds can be declared beside each other and beside those of the harness', () => {
    const inspector = new Inspector()
    expect(
      readMetrics(inspector, 'metrics', [counter('a'), rate('b'), trend('c', { unit: 'items' }), gauge('d')]),
    ).toHaveLength(4)
    expect(inspector.errors).toEqual([])
  })
})
