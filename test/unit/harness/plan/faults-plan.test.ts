import { describe, expect, it } from 'vitest'
import { inOrderOfRemoval } from '../../../../harness/plan/faults-plan.ts'
import { createPlan, type PlanOptions, ScenarioError } from '../../../../harness/plan/plan.ts'
import { type Load, scenario, type ScenarioFaults, user } from '../../../../harness/scenario.ts'

const visitor = user('visitor', { iterate: () => {} })
const halfMinute: Load = { executor: 'constant-vus', vus: 10, duration: '30s', gracefulStop: '10s' }
/** Faults outlive such a run by its graceful stop, and half a minute. */
const LIFETIME_MS = 70_000

function planOf(faults: ScenarioFaults, options: Partial<PlanOptions> = {}) {
  return createPlan(scenario({ load: halfMinute, users: [visitor], faults }), 'trial', {
    seed: 1,
    tags: {},
    ...options,
  })
}

function linesOf(faults: unknown, options: Partial<PlanOptions> = {}): readonly string[] {
  try {
    planOf(faults as ScenarioFaults, options)
  } catch (error) {
    if (error instanceof ScenarioError) return error.lines
    throw error
  }
  throw new Error('the scenario was taken')
}

const down = { id: 'down', fault: { type: 'status', status: 503 } } as const

describe('the faults of a plan', () => {
  it('contain the rules of presets, and all expire after the run', () => {
    const { faults } = planOf({ rules: [down, { ...down, id: 'brief', ttl: '5s' }], presets: ['brownout'] })
    expect(faults?.timeline).toBeUndefined()
    expect(faults?.rules.map(({ id, ttl }) => [id, ttl])).toEqual([
      ['down', LIFETIME_MS],
      ['brief', 5000],
      ['brownout.slow', LIFETIME_MS],
      ['brownout.unavailable', LIFETIME_MS],
    ])
  })

  it('are empty without any setting', () => {
    expect(planOf({}).faults).toBeUndefined()
    expect(planOf({ presets: ['healthy'] }).faults).toBeUndefined()
  })

  it('occur at the same relative times of a run of another length, and act the same', () => {
    const { faults } = planOf(
      {
        rules: [{ id: 'stop', window: { from: '10s', to: '12s' }, fault: { type: 'stall', duration: '2s' } }],
        timeline: {
          phases: [
            { name: 'well', duration: '15s' },
            { name: 'ill', duration: '15s', ramp: '6s', faults: [{ ...down, ttl: '3s' }, 'slow_identity'] },
          ],
        },
      },
      { duration: '10s' },
    )
    expect(faults?.rules).toMatchObject([{ window: [{ from: 3333.3, to: 4000 }], fault: { duration: '2s' } }].map(near))
    expect(faults?.timeline?.phases).toMatchObject([
      { name: 'well', duration: 5000 },
      { name: 'ill', duration: 5000, ramp: 2000, faults: [{ id: 'down', ttl: 1000 }, { id: 'slow_identity.slow' }] },
    ])
  })

  it('unroll a repeating timeline so that it ends; phases that have begun keep their ramp', () => {
    const { faults } = planOf({
      timeline: {
        phases: [
          { name: 'a', duration: '20s' },
          { name: 'b', duration: '40s', ramp: '40s', faults: [down] },
        ],
        loop: true,
      },
    })
    expect(faults?.timeline?.loop).toBeUndefined()
    expect(faults?.timeline?.phases.map(({ name, duration, ramp, faults }) => [name, duration, ramp, faults])).toEqual([
      ['a', '20s', undefined, []],
      ['b', '40s', '40s', [{ ...down, ttl: LIFETIME_MS - 20_000 }]],
      ['a', '20s', undefined, []],
    ])
  })

  it('leave out phases after their end', () => {
    const window = [
      { from: '10s', to: '11s' },
      { from: '5m', to: '6m' },
    ]
    const phases = [
      {
        name: 'a',
        duration: '1h',
        faults: [
          { ...down, window },
          { ...down, id: 'late', window: window[1]! },
        ],
      },
    ]
    expect(planOf({ timeline: { phases } }).faults?.timeline?.phases[0]?.faults).toEqual([
      { ...down, window: [window[0]], ttl: LIFETIME_MS },
    ])
  })

  it('of the command line replace those of the scenario, and are not stretched', () => {
    const given = {
      sources: ['rules.yaml'],
      faults: { rules: [{ ...down, window: { from: '1s', to: '2s' } }], timeline: undefined },
    }
    const plan = planOf({ presets: ['brownout'] }, { faults: given, duration: '3s' })
    expect(plan.faults?.rules).toMatchObject([{ id: 'down', window: [{ from: '1s', to: '2s' }] }])
    expect(plan.overrides?.faults).toEqual(['rules.yaml'])
  })

  it.each([
    ['a list', [], ['faults: expected an object {rules, presets, timeline}, got an array of 0']],
    [
      'a misspelt preset',
      { presets: ['brownuot'] },
      [expect.stringMatching(/^faults\.presets\[0\]: expected one of .* did you mean brownout\?$/)],
    ],
    [
      'a share above 1 and a key that is none',
      { rules: [{ ...down, share: 1.5 }], phases: [] },
      [expect.stringMatching(/^faults\.phases: expected no such key/), 'faults.rules[0].share: expected 0…1, got 1.5'],
    ],
    [
      'a phase of no length',
      { timeline: { phases: [{ name: 'a', duration: 0 }] } },
      ['faults.timeline.phases[0].duration: expected at least 1ms, got 0'],
    ],
    [
      'a window behind the end of the run',
      { rules: [{ ...down, window: { from: '31s', to: '32s' } }] },
      ['faults: expected windows before the end of the run at 30s, got one of down from 31s'],
    ],
    [
      'a loop of a thousand rounds',
      { timeline: { phases: [{ name: 'a', duration: '60ms' }], loop: true } },
      ['faults.timeline: expected at most 1000 phases in a run of 30s, rounds of a loop included'],
    ],
  ])('reject %s', (_, faults, lines) => {
    const found = linesOf(faults)
    expect(found).toHaveLength(lines.length)
    expect(found).toEqual(expect.arrayContaining(lines))
  })
})

describe('thresholds by phase', () => {
  const timeline = {
    phases: [
      { name: 'well', duration: '10s' },
      { name: 'brownout', duration: '20s', faults: ['brownout'] },
      { name: 'late', duration: '10s' },
    ],
  }

  function taken(metrics: string[], faults?: ScenarioFaults, options: Partial<PlanOptions> = {}): readonly string[] {
    const thresholds = Object.fromEntries(metrics.map(metric => [metric, ['count>=0', 'count>0']]))
    const definition = scenario({ load: halfMinute, users: [visitor], thresholds, ...(faults && { faults }) })
    try {
      createPlan(definition, 'trial', { seed: 1, tags: {}, ...options })
      return []
    } catch (error) {
      if (error instanceof ScenarioError) return error.lines
      throw error
    }
  }

  it('are accepted for phases of the run', () => {
    expect(taken(['http_reqs{phase:well}', 'http_reqs{phase:brownout,status:503}'], { timeline })).toEqual([])
    expect(taken(['http_reqs{phase:well}'], { timeline }, { duration: '5m' })).toEqual([])
    const loop = { phases: timeline.phases.slice(0, 1), loop: true }
    expect(taken(['http_reqs{phase:well}'], { timeline: loop })).toEqual([])
  })

  it.each([
    [
      'a misspelt phase',
      taken(['http_reqs{phase:brownuot}'], { timeline }),
      'thresholds["http_reqs{phase:brownuot}"]: there is no phase "brownuot" before the end of the run; did you mean "brownout"?; there are "well", "brownout"',
    ],
    [
      'one that the run ends before',
      taken(['http_reqs{phase:late}'], { timeline }),
      'thresholds["http_reqs{phase:late}"]: there is no phase "late" before the end of the run; there are "well", "brownout"',
    ],
    [
      'any without a timeline',
      taken(['http_reqs{phase:well}'], { presets: ['flaky'] }),
      'thresholds["http_reqs{phase:well}"]: there are no phases: the run has no timeline of faults',
    ],
    [
      'any where the command line set faults without one',
      taken(
        ['http_reqs{phase:well}'],
        { timeline },
        { faults: { sources: ['flaky'], faults: { presets: ['flaky'] } } },
      ),
      'thresholds["http_reqs{phase:well}"]: there are no phases: the run has no timeline of faults',
    ],
  ])('are rejected for %s', (_, lines, line) => expect(lines).toEqual([line]))
})

function near({ window, ...rule }: { window: { from: number; to: number }[]; fault: object }) {
  return {
    ...rule,
    window: window.map(({ from, to }) => ({ from: expect.closeTo(from, 0), to: expect.closeTo(to, 0) })),
  }
}

describe('inOrderOfRemoval', () => {
  it('has rules that only name a station before the one that defines it', () => {
    const names = { id: 'names', fault: { type: 'capacity', station: 'db' } } as const
    const defines = { id: 'defines', fault: { type: 'capacity', station: 'db', servers: 1, service: 5 } } as const
    for (const rules of [
      [defines, names, down],
      [names, defines, down],
    ])
      expect(inOrderOfRemoval(rules).map(({ id }) => id)).toEqual(
        ['names', 'down', 'defines'].filter(id => rules.some(rule => rule.id === id)),
      )
  })
})
