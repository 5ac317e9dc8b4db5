import { describe, expect, it } from 'vitest'
import { createPlan, type PlanOptions } from '../../../../harness/plan/plan.ts'
import { type LoadDefinition, user } from '../../../../harness/scenario.ts'

const visitor = user('visitor', { iterate: () => {} })
const vus = (startTime: string, count = 1, duration = '10s'): LoadDefinition => ({
  executor: 'constant-vus',
  vus: count,
  duration,
  startTime,
  users: [visitor],
})
const loads = { browse: vus('0s', 5), buy: vus('5s', 3), sale: vus('8s', 2) }

function plan(only: string[], more: object = {}, options: Partial<PlanOptions> = {}) {
  return createPlan({ loads, ...more }, 'trial', { seed: 1, tags: {}, only, ...options })
}

const startsOf = ({ loads }: ReturnType<typeof plan>) => loads.map(({ name, startMs }) => [name, startMs])

describe('the loads that --only chooses', () => {
  it('are all without it', () => {
    expect(startsOf(plan([]))).toEqual([
      ['browse', 0],
      ['buy', 5000],
      ['sale', 8000],
    ])
    expect(plan([]).overrides).not.toHaveProperty('only')
  })

  it('start with the run, and keep their distance to each other', () => {
    const { plannedMs, overrides, ...rest } = plan(['sale', 'buy'])
    expect(startsOf(rest as ReturnType<typeof plan>)).toEqual([
      ['buy', 0],
      ['sale', 3000],
    ])
    expect(plannedMs).toBe(13_000)
    expect(overrides).toMatchObject({ only: ['sale', 'buy'] })
  })

  it('keep their times where something else has times', () => {
    const disturbed = { disturb: [{ at: '9s', disconnect: 1 }] }
    expect(startsOf(plan(['sale'], disturbed))).toEqual([['sale', 8000]])
    const timeline = {
      phases: [
        { name: 'calm', duration: '3s' },
        { name: 'down', duration: '3s', faults: ['brownout'] },
      ],
    }
    expect(startsOf(plan(['sale'], { faults: { timeline } }))).toEqual([['sale', 8000]])
    const rule = { id: 'slow', fault: { type: 'delay', distribution: 5 } }
    expect(startsOf(plan(['sale'], { faults: { rules: [rule] } }))).toEqual([['sale', 0]])
  })

  it('keep their users and the ids of these', () => {
    expect(plan([]).loads.map(({ firstId }) => firstId)).toEqual([0, 5, 8])
    expect(plan(['sale']).loads.map(({ firstId }) => firstId)).toEqual([8])
  })

  it('leave out thresholds of the scenario for other loads', () => {
    const thresholds = {
      'http_reqs{load:buy}': ['count>1'],
      'http_reqs{load:sale}': ['count>2'],
      http_reqs: ['count>3'],
    }
    const own = { ...loads, buy: { ...loads.buy, thresholds: { http_reqs: ['count>4'] } } }
    const metrics = plan(['sale'], { loads: own, thresholds }).thresholds.map(({ source }) => source.metric)
    expect(metrics).toEqual(['http_reqs{load:sale}', 'http_reqs'])
  })

  it.each([
    [['sail'], {}, {}, '--only: there is no load "sail"; did you mean "sale"?; there are browse, buy, sale'],
    [['sale'], {}, { thresholds: ['http_reqs{load:buy} count>1'] }, 'the load "buy" does not run: --only chose "sale"'],
    [
      ['sale'],
      { needs: { duration: '15s', because: 'it takes a while' } },
      {},
      '--only sale: expected a run of 15s at least, got 10s: it takes a while',
    ],
    [
      ['browse'],
      { disturb: [{ at: '12s', disconnect: 1 }] },
      {},
      '--only: expected a time before the end of the run at 10s, got 12s',
    ],
  ])('are refused if they do not exist, or do not fit: %j %j %j', (only, more, options, line) => {
    expect(() => plan(only, more, options)).toThrow(line)
  })

  it('are refused in a scenario whose load has no name', () => {
    const definition = { load: { executor: 'constant-vus', vus: 1, duration: '1s' }, users: [visitor] }
    expect(() => createPlan(definition, 'trial', { seed: 1, tags: {}, only: ['sale'] })).toThrow(
      '--only: there is no load "sale": the scenario has one load, which has no name',
    )
  })
})
