import { describe, expect, it } from 'vitest'
import { createPlan, ScenarioError } from '../../../../harness/plan/plan.ts'
import { type LoadDefinition, user } from '../../../../harness/scenario.ts'

const visitor = user('visitor', { iterate: () => {} })
const browse: LoadDefinition = { executor: 'constant-vus', vus: 4, duration: '30s', users: [visitor] }
const sale: LoadDefinition = {
  executor: 'constant-arrival-rate',
  rate: 5,
  duration: '10s',
  startTime: '20s',
  users: [visitor],
}

function plan(definition: unknown) {
  return createPlan(definition, 'trial', { seed: 1, tags: {} })
}

function linesOf(definition: unknown): readonly string[] {
  try {
    plan(definition)
  } catch (error) {
    if (error instanceof ScenarioError) return error.lines
    throw error
  }
  throw new Error('the scenario was taken')
}

describe('the loads of a scenario', () => {
  it('are read in their order, with the start, the users and the length of each', () => {
    const { loads, plannedMs, loadInWords } = plan({ loads: { browse, sale } })
    expect(loads).toMatchObject([
      { name: 'browse', startMs: 0, load: { vus: 4, durationMs: 30_000 }, users: [{ name: 'visitor' }] },
      { name: 'sale', startMs: 20_000, load: { ratePerSecond: 5 }, users: [{ name: 'visitor' }] },
    ])
    expect(plannedMs).toBe(30_000)
    expect(loadInWords).toBe('browse: 4 users for 30s; sale: 5 iterations/s for 10s, from 20s on')
  })

  it('last until the end of the latest', () => {
    expect(plan({ loads: { browse, sale: { ...sale, startTime: '30s' } } }).plannedMs).toBe(40_000)
  })

  it('give their pauses to users that have none of their own', () => {
    const users = [visitor, user('hasty', { think: '5ms', iterate: () => {} })]
    const [load] = plan({ loads: { browse: { ...browse, think: '2s', pacing: '3s', users } } }).loads
    expect(load?.users.map(({ think, pacing }) => [think?.meanMs, pacing?.meanMs])).toEqual([
      [2000, 3000],
      [5, 3000],
    ])
  })

  it('give their tags to all of their users, whose own tags replace them', () => {
    const users = [visitor, user('buyer', { tags: { plan: 'gold' }, iterate: () => {} })]
    const tags = { journey: 'paid', plan: 'any' }
    const thresholds = { 'http_reqs{journey:paid}': ['count>0'] }
    const { loads, thresholds: read } = plan({ loads: { browse, sale: { ...sale, users, tags } }, thresholds })
    expect(loads.map(({ users }) => users.map(({ tags }) => tags))).toEqual([
      [undefined],
      [tags, { journey: 'paid', plan: 'gold' }],
    ])
    expect(read[0]?.readings).toEqual([{ journey: 'paid' }])
  })

  it('have thresholds of their own, which apply to their samples only', () => {
    const thresholds = {
      http_reqs: ['count>0'],
      'http_req_duration{name:/orders}': [{ threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '1s' }],
    }
    expect(plan({ loads: { browse, sale: { ...sale, thresholds } } }).thresholds).toMatchObject([
      { source: { metric: 'http_reqs{load:sale}' }, readings: [{ load: 'sale' }], delayAbortEvalMs: 20_000 },
      {
        source: { metric: 'http_req_duration{name:/orders,load:sale}' },
        readings: [{ name: '/orders', load: 'sale' }],
        delayAbortEvalMs: 21_000,
      },
    ])
  })

  it('may be the same as one load with its users, but for the name', () => {
    const { users, ...load } = browse
    const [single] = plan({ load, users }).loads
    const [named] = plan({ loads: { browse } }).loads
    expect(named).toEqual({ ...single, name: 'browse' })
    expect(single?.name).toBeUndefined()
  })

  it.each([
    [{ load: browse, loads: { browse } }, 'load: expected either load or loads, got both; make it one of loads'],
    [{ loads: { browse }, users: [visitor] }, 'users: expected the users within each of loads, got them beside it'],
    [{ loads: {} }, 'loads: expected at least one load, got an object'],
    [
      { loads: [browse] },
      "loads: expected an object such as { browse: { executor: 'constant-vus', … } }, got an array of 1",
    ],
    [{ loads: { '': browse } }, 'loads[""]: expected a name of at most 40 letters'],
    [{ loads: { 'flash, sale': browse } }, 'loads["flash, sale"]: expected a name of at most 40 letters'],
    [{ loads: { 'a:b': browse } }, 'loads["a:b"]: expected a name of at most 40 letters'],
    [{ loads: { 'x}': browse } }, 'loads["x}"]: expected a name of at most 40 letters'],
    [{ loads: { 1: browse } }, 'loads["1"]: expected a name of at most 40 letters'],
    [{ loads: { ['x'.repeat(41)]: browse } }, 'expected a name of at most 40 letters'],
    [
      { loads: { sale: browse, Sale: browse } },
      'loads.Sale: expected a name of its own, got that of "sale" a second time',
    ],
    [
      { loads: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, browse])) },
      'loads: expected at most 50 loads, got 51',
    ],
    [{ loads: { browse: 7 } }, 'loads.browse: expected an object such as'],
    [{ loads: { browse: { ...browse, rate: 7 } } }, 'loads.browse.rate: there is no such key'],
    [{ loads: { browse: { ...browse, users: [] } } }, 'loads.browse.users: expected an array with at least one item'],
    [
      { loads: { browse: { ...browse, users: [{ name: 'idle' }] } } },
      'loads.browse.users[0]: expected either iterate or tasks',
    ],
    [{ loads: { browse: { ...browse, startTime: 'soon' } } }, 'loads.browse.startTime: expected a duration'],
    [
      { loads: { browse: { ...browse, tags: { load: 'x' } } } },
      'loads.browse.tags.load: load is a tag of Loadcell itself',
    ],
    [{ loads: { browse: { ...browse, think: {} } } }, "loads.browse.think: expected a pause such as '500ms'"],
    [
      { loads: { browse, sale: { ...sale, startTime: '31s' } } },
      'loads.sale.startTime: expected 30s at most, the end of all loads before it, got 31s: nothing would run until then',
    ],
    [
      { loads: { sale: { ...sale, startTime: '1s' } } },
      'loads.sale.startTime: expected 0s, because no other load runs before, got 1s: nothing would run until then',
    ],
    [
      { loads: { browse: { ...browse, duration: '20d' }, sale: { ...sale, duration: '5d', startTime: '20d' } } },
      'loads.sale.startTime: expected an end within 24d, got a load of 120h that starts at 480h',
    ],
    [
      {
        loads: { browse, ramp: { executor: 'ramping-vus', stages: [{ duration: '5s', target: 0 }], users: [visitor] } },
      },
      'loads.ramp: expected a target above 0 in at least one stage',
    ],
    [
      { loads: { browse, sale }, thresholds: { 'http_reqs{load:sail}': ['count>0'] } },
      'thresholds["http_reqs{load:sail}"]: there is no load "sail"; did you mean "sale"?; there are "browse", "sale"',
    ],
    [
      {
        load: { executor: 'constant-vus', vus: 1, duration: 1000 },
        users: [visitor],
        thresholds: { 'http_reqs{load:sale}': ['count>0'] },
      },
      'thresholds["http_reqs{load:sale}"]: there are no loads with names: the scenario has one load',
    ],
    [
      { loads: { browse, sale: { ...sale, thresholds: { 'http_reqs{load:browse}': ['count>0'] } } } },
      'loads.sale.thresholds["http_reqs{load:browse}"][0]: expected no tag of a load, got load:browse: it applies to sale, which it is written in',
    ],
    [
      { loads: { browse, sale: { ...sale, thresholds: { http_reqz: ['count>0'] } } } },
      'loads.sale.thresholds.http_reqz[0]: there is no metric "http_reqz"',
    ],
    [
      { loads: { browse, sale }, needs: { peak: 5, because: 'it does' } },
      'needs.peak: expected no peak in a scenario with loads',
    ],
  ])('are refused with the place of the mistake: %#', (definition, line) => {
    expect(linesOf(definition)).toContainEqual(expect.stringContaining(line))
  })

  it('are refused with every mistake at once', () => {
    const lines = linesOf({
      loads: {
        browse: { ...browse, vus: 0 },
        sale: { ...sale, users: [visitor, visitor], thresholds: { checks: ['rate>>1'] } },
      },
    })
    expect(lines).toEqual([
      'loads.browse.vus: expected an integer 1…100000, got 0',
      'loads.sale.users[1].name: expected a name of its own, got "visitor" a second time',
      expect.stringContaining('loads.sale.thresholds.checks[0]: expected a condition'),
    ])
  })

  it('may each have a kind of user of the same name', () => {
    expect(() => plan({ loads: { browse, sale } })).not.toThrow()
  })
})
