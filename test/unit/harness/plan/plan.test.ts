import { describe, expect, it } from 'vitest'
import { peakOf } from '../../../../harness/load/plan.ts'
import { createPlan, type PlanOptions, ScenarioError } from '../../../../harness/plan/plan.ts'
import { profiles } from '../../../../harness/plan/profiles.ts'
import { between, type Load, scenario, stages, user } from '../../../../harness/scenario.ts'
import { warmupPlan } from '../../../../harness/run/warmup.ts'

const visitor = user('visitor', { iterate: () => {} })
const constantVus: Load = { executor: 'constant-vus', vus: 10, duration: '30s' }
const constantRate: Load = { executor: 'constant-arrival-rate', rate: 600, timeUnit: '1m', duration: '30s' }
const ramp: Load = { executor: 'ramping-vus', stages: stages('10s → 20', '20s → 20', '10s → 0') }
const budget: Load = { executor: 'shared-iterations', vus: 2, iterations: 10 }

function plan(definition: unknown, options: Partial<PlanOptions> = {}) {
  return createPlan(definition, 'trial', { seed: 1, tags: {}, ...options })
}

function planOf(load: Load, options: Partial<PlanOptions> = {}) {
  return plan(scenario({ load, users: [visitor] }), options)
}

function linesOf(definition: unknown, options: Partial<PlanOptions> = {}): readonly string[] {
  try {
    plan(definition, options)
  } catch (error) {
    if (error instanceof ScenarioError) return error.lines
    throw error
  }
  throw new Error('the scenario was taken')
}

describe('the request defaults of a scenario', () => {
  const withHttp = (http: unknown) => ({ load: constantVus, users: [visitor], http })

  it('are taken over', () => {
    const http = { redirect: 'manual', bodyLimitBytes: 0, bodyMemoryBytes: 1e9 }
    expect(plan(withHttp(http)).http).toEqual(http)
    expect(planOf(constantVus).http).toEqual({})
  })

  it('are rejected if they make no sense', () => {
    const lines = linesOf(withHttp({ redirect: 'folow', bodyLimitBytes: -1, bodyMemory: 1 }))
    expect(lines).toEqual([
      expect.stringContaining('http.bodyMemory: there is no such key'),
      expect.stringContaining('http.redirect: expected follow or manual or error (did you mean follow?)'),
      expect.stringContaining('http.bodyLimitBytes: expected an integer 0…'),
    ])
  })
})

describe('createPlan', () => {
  it('fills in defaults and counts everything in ms and per second', () => {
    expect(planOf(constantRate)).toMatchObject({
      loads: [
        {
          startMs: 0,
          firstId: 0,
          load: {
            executor: 'constant-arrival-rate',
            ratePerSecond: 10,
            durationMs: 30_000,
            preAllocatedVUs: 10,
            maxVUs: 20,
            arrivals: 'constant',
            gracefulStopMs: 10_000,
          },
        },
      ],
      plannedMs: 30_000,
      warmupMs: 3000,
      loadInWords: '600 iterations/1m for 30s',
    })
    expect(planOf(ramp)).toMatchObject({ plannedMs: 40_000, loadInWords: '0 to 20 users over 40s in 3 stages' })
    expect(planOf(budget)).toMatchObject({ loadInWords: '10 iterations shared by 2 users, at most 10m' })
  })

  it('reports all errors at once', () => {
    expect(
      linesOf({
        load: { executor: 'constant-vus', vus: 0, durration: '30s' },
        users: [
          visitor,
          {
            ...user('buyer', {
              think: 'soon',
              tasks: { buy: { run: () => {}, wieght: 2 } as never, sell: {} as never },
            }),
            share: '70%',
          },
          user('visitor', {}),
        ],
        thresholds: { http_req_duration: ['p(95)<200', 'p95<200'], http_reqz: ['count>0'], checks: 'rate==1' },
        treshold: {},
        warmup: -1,
      }),
    ).toEqual([
      'treshold: there is no such key; did you mean "thresholds"?',
      'load.durration: there is no such key; did you mean "duration"?',
      'load.vus: expected an integer 1…100000, got 0',
      "load.duration: expected a duration such as '250ms', '1.5s', '1m30s' or a number of milliseconds, got nothing",
      'users[1].share: expected a number above 0, got "70%"',
      "users[1].think: expected a duration such as '250ms', '1.5s', '1m30s' or a number of milliseconds, got \"soon\"",
      'users[1].tasks.buy.wieght: there is no such key; did you mean "weight"?',
      'users[1].tasks.sell.run: expected a function, got nothing',
      'users[2]: expected either iterate or tasks, got neither',
      'users[2].name: expected a name of its own, got "visitor" a second time',
      "thresholds.http_req_duration[1]: expected a condition such as 'p(95)<200' or 'count==0', got \"p95<200\"",
      'thresholds.http_reqz[0]: there is no metric "http_reqz"; did you mean "http_reqs"?',
      'thresholds.checks: expected an array with at least one item, got "rate==1"',
      "warmup: expected a duration such as '250ms', '1.5s', '1m30s' or a number of milliseconds, got -1",
    ])
  })

  it.each([
    [undefined, 'expected an object, got nothing'],
    [{ load: { executor: 'constant-vu' }, users: [visitor] }, '(did you mean constant-vus?), got "constant-vu"'],
    [
      { load: { executor: 'ramping-vus', stages: [] }, users: [visitor] },
      'load.stages: expected an array with at least one item',
    ],
    [
      { load: { executor: 'ramping-vus', stages: stages('5s → 0') }, users: [visitor] },
      'load: expected a target above 0',
    ],
    [
      { load: { ...constantRate, preAllocatedVUs: 5, maxVUs: 2 }, users: [visitor] },
      'load.maxVUs: expected at least preAllocatedVUs (5), got 2',
    ],
    [
      { load: { ...budget, vus: 20 }, users: [visitor] },
      'load.iterations: expected at least as many as there are users (20), got 10',
    ],
    [
      { load: { ...constantRate, rate: 2_000_000, timeUnit: '1ms' }, users: [visitor] },
      'load.rate: expected a number above 0 and at most 1000, got 2000000',
    ],
    [
      {
        load: { executor: 'ramping-arrival-rate', timeUnit: '100ms', stages: stages('5s → 100001') },
        users: [visitor],
      },
      'load.stages[0].target: expected a number 0…100000, got 100001',
    ],
    [
      { load: { ...constantVus, duration: '25d' }, users: [visitor] },
      'load.duration: expected a duration of at most 24d',
    ],
    [
      { load: { ...constantVus, duration: `${'9'.repeat(400)}d` }, users: [visitor] },
      'load.duration: expected a duration of at most 24d',
    ],
    [{ load: constantVus, users: [] }, 'users: expected an array with at least one item, got an array of 0'],
    [
      { load: constantVus, users: [user('u', { tasks: { go: (() => {}) as never } })] },
      'users[0].tasks.go: expected { weight, run }',
    ],
  ])('rejects %o', (definition, line) => {
    expect(linesOf(definition).join('\n')).toContain(line)
  })

  it('does not call any function of the scenario', () => {
    const shout = () => {
      throw new Error('called')
    }
    plan(scenario({ load: constantVus, users: [user('u', { begin: shout, iterate: shout, end: shout })] }))
  })
})

describe('options over a scenario', () => {
  it('compare a rate with the limit per second, whatever the scenario’s unit of time', () => {
    expect(planOf({ ...constantRate, rate: 60_000_000 }).loads[0]?.load).toMatchObject({ ratePerSecond: 1_000_000 })
    expect(planOf(constantRate, { rate: 60_000_000 }).loads[0]?.load).toMatchObject({ ratePerSecond: 1_000_000 })
    expect(() => planOf(constantRate, { rate: 60_000_001 })).toThrow(
      '--rate: expected a number above 0 and at most 60000000',
    )
  })

  it('scale the peak', () => {
    expect(planOf(constantVus, { vus: 3 }).loads[0]?.load).toMatchObject({ vus: 3 })
    expect(planOf(ramp, { vus: 10 }).loads[0]?.load).toMatchObject({
      stages: [{ target: 10 }, { target: 10 }, { target: 0 }],
    })
    expect(planOf(constantRate, { rate: 1200 }).loads[0]?.load).toMatchObject({
      ratePerSecond: 20,
      preAllocatedVUs: 20,
      maxVUs: 40,
    })
    expect(planOf(budget, { vus: 20 }).loads[0]?.load).toMatchObject({ vus: 20, iterations: 20 })
  })

  it('scale the time', () => {
    expect(planOf(constantVus, { duration: '5s' }).plannedMs).toBe(5000)
    expect(planOf(ramp, { duration: '4s' }).loads[0]?.load).toMatchObject({
      stages: [{ durationMs: 1000 }, { durationMs: 2000 }, { durationMs: 1000 }],
    })
    expect(planOf(ramp, { duration: '4s', vus: 5 }).overrides).toEqual({ duration: '4s', vus: 5, rate: undefined })
    expect(planOf(constantVus, { warmup: 0 }).warmupMs).toBe(0)
  })

  it.each([
    [constantVus, { rate: 5 }, '--rate: does not fit constant-vus, which is driven by users; use --vus'],
    [constantRate, { vus: 5 }, '--vus: does not fit constant-arrival-rate, which is driven by arrivals; use --rate'],
    [budget, { duration: '5s' }, '--duration: does not fit shared-iterations, which ends when its iterations are done'],
    [budget, { profile: 'soak' }, '--profile: does not fit shared-iterations'],
    [constantVus, { vus: 1.5 }, '--vus: expected an integer 1…100000, got 1.5'],
    [constantVus, { profile: 'somke' }, '(did you mean smoke?), got "somke"'],
    [constantVus, { duration: 'long' }, '--duration: expected a duration such as'],
  ] as const)('are refused with advice where they do not fit', (load, options, line) => {
    expect(linesOf(scenario({ load, users: [visitor] }), options).join('\n')).toContain(line)
  })
})

describe('the needs of a scenario', () => {
  const needs = { duration: '20s', longest: '1m', peak: 5, because: 'it takes its time' }
  const refusal = (options: Partial<PlanOptions>, load: Load = constantVus) =>
    linesOf(scenario({ load, users: [visitor], needs }), options)

  it('are met by the scenario itself', () => {
    expect(plan(scenario({ load: constantVus, users: [visitor], needs })).plannedMs).toBe(30_000)
    const stages = [5, 28, 1].map(seconds => ({ duration: `${seconds}s`, target: 254 }))
    const exact = scenario({
      load: { executor: 'ramping-vus', stages },
      users: [visitor],
      needs: { duration: '4s', because: 'of its scaled stages' },
    })
    expect(plan(exact, { duration: '4s' }).plannedMs).toBeCloseTo(4000)
  })

  it.each([
    [{ duration: '19s' }, '--duration: expected a run of 20s at least, got 19s: it takes its time'],
    [{ duration: '2m' }, '--duration: expected a run of 1m at most, got 2m: it takes its time'],
    [{ vus: 4 }, '--vus: expected a peak of 5 virtual users at least, got 4: it takes its time'],
    [
      { profile: 'soak' },
      '--profile soak: expected a run of 1m at most, got 1h: it takes its time; --duration makes it',
    ],
  ])('reject the options %j', (options, line) => {
    expect(refusal(options).join('\n')).toContain(line)
  })

  it('are both reported if they are missing', () => {
    expect(refusal({ profile: 'smoke' })).toEqual([
      '--profile smoke: expected a run of 20s at least, got 10s: it takes its time; --duration makes it longer',
      '--profile smoke: expected a peak of 5 virtual users at least, got 2: it takes its time',
    ])
    expect(refusal({ rate: 240 }, constantRate)).toEqual([
      '--rate: expected a peak of 5 iterations a second at least, got 4: it takes its time',
    ])
  })
})

describe('profiles', () => {
  it('include each kind of user in a smoke test, however small its share', () => {
    const users = [visitor, { ...visitor, name: 'rare', share: 0.001 }]
    const smoke = plan(scenario({ load: constantVus, users }), { profile: 'smoke' })
    expect(peakOf(smoke.loads[0]!.load)).toBe(4)
    expect(smoke.loads[0]!.users.map(({ share }) => share)).toEqual([1, 1])
  })

  it('divide the whole time between their stages', () => {
    for (const { levels } of Object.values(profiles)) {
      expect(levels.reduce((sum, { over }) => sum + over, 0)).toBeCloseTo(1, 9)
    }
  })

  it('scale with the peak of the scenario', () => {
    const peakUnder = (profile: string, load: Load = constantVus) => peakOf(planOf(load, { profile }).loads[0]!.load)
    expect(peakUnder('smoke')).toBe(2)
    expect(peakUnder('load')).toBe(10)
    expect(peakUnder('stress')).toBe(20)
    expect(peakUnder('spike')).toBe(30)
    expect(peakUnder('soak')).toBe(7)
    expect(peakUnder('breakpoint')).toBe(100)
    expect(peakUnder('stress', constantRate)).toBeCloseTo(20)
  })

  it('keep the length of the scenario, unless they define one', () => {
    const plannedUnder = (profile: string, duration?: string) => planOf(constantVus, { profile, duration }).plannedMs
    expect(plannedUnder('load')).toBeCloseTo(30_000)
    expect(plannedUnder('smoke')).toBe(10_000)
    expect(plannedUnder('soak')).toBeCloseTo(3_600_000)
    expect(plannedUnder('soak', '10s')).toBeCloseTo(10_000)
  })

  it('provide enough users for the rates they reach', () => {
    expect(planOf(constantRate, { profile: 'breakpoint' }).loads[0]?.load).toMatchObject({
      preAllocatedVUs: 100,
      maxVUs: 200,
    })
  })

  it('end a breakpoint run when a threshold fails', () => {
    const { thresholds } = plan(
      scenario({ load: constantVus, users: [visitor], thresholds: { checks: ['rate==1'] } }),
      { profile: 'breakpoint' },
    )
    expect(thresholds).toMatchObject([
      { metric: 'checks', abortOnFail: true, delayAbortEvalMs: 10_000 },
      { metric: 'http_req_failed', limit: 0.05, abortOnFail: true },
    ])
  })
})

describe('warmupPlan', () => {
  it('is a small run of the same kind with short pauses and no thresholds', () => {
    const thoughtful = user('thoughtful', { think: between('1s', '5s'), pacing: '10ms', iterate: () => {} })
    const warm = warmupPlan(plan(scenario({ load: { ...ramp, stages: stages('1m → 200') }, users: [thoughtful] })))
    expect(warm.loads[0]!.load).toMatchObject({ executor: 'constant-vus', vus: 10, durationMs: 3000 })
    expect(warm.loads[0]!.users[0]?.think?.quantile(0.999)).toBeLessThanOrEqual(50)
    expect(warm.loads[0]!.users[0]?.pacing?.meanMs).toBe(10)
    expect(warmupPlan(planOf({ ...constantRate, rate: 5000, timeUnit: '1s' })).loads[0]?.load).toMatchObject({
      executor: 'constant-arrival-rate',
      ratePerSecond: 1000,
    })
  })
})

describe('settings of the embedded target', () => {
  const withTarget = (target: unknown, options: Partial<PlanOptions> = {}) =>
    plan({ load: constantVus, users: [visitor], target }, options)

  it('are written as in its configuration, and passed on as text', () => {
    const rules = [{ name: 'all', by: 'client', requests: 5 }]
    const target = {
      'auth.tokenTtl': '2s',
      'feed.orders': 0,
      'streams.slowConsumer.notify': true,
      'rateLimits.rules': rules,
    }
    expect(withTarget(target).targetSettings).toEqual({
      'auth.tokenTtl': '2s',
      'feed.orders': '0',
      'streams.slowConsumer.notify': 'true',
      'rateLimits.rules': '[{"name":"all","by":"client","requests":5}]',
    })
    expect(withTarget(undefined)).toMatchObject({ targetSettings: {}, overrides: {} })
  })

  it('give way to those of the command line, which also appear in the command to repeat the run', () => {
    const target = { 'auth.tokenTtl': '2s', 'feed.orders': 0 }
    const targetSettings = { 'auth.tokenTtl': '5s', seed: '7' }
    expect(withTarget(target, { targetSettings })).toMatchObject({
      targetSettings: { 'auth.tokenTtl': '5s', 'feed.orders': '0', seed: '7' },
      overrides: { targetSettings },
    })
  })

  it.each([
    ['auth.tokenTtl=2s', `target: expected an object such as { 'auth.tokenTtl': '2s' }, got "auth.tokenTtl=2s"`],
    [{ seed: () => 7 }, 'target.seed: expected a value that JSON can hold, got function'],
  ])('are rejected if they are %o', (target, line) => {
    expect(linesOf({ load: constantVus, users: [visitor], target })).toEqual([line])
  })
})

describe('disturbances', () => {
  const disturbed = (disturb: unknown, options: Partial<PlanOptions> = {}) =>
    plan({ load: constantVus, users: [visitor], disturb }, options)

  it('are sorted by time, and have a label', () => {
    expect(
      disturbed([
        { at: '20s', disconnect: 1 },
        { at: '5s', disconnect: 0.25 },
        { at: '10s', disconnect: 0, label: 'nothing' },
      ]).disturbances,
    ).toEqual([
      { atMs: 5000, label: '25 % are cut', action: { kind: 'disconnect', share: 0.25 } },
      { atMs: 10_000, label: 'nothing', action: { kind: 'disconnect', share: 0 } },
      { atMs: 20_000, label: 'everybody is cut', action: { kind: 'disconnect', share: 1 } },
    ])
    expect(planOf(constantVus).disturbances).toEqual([])
  })

  it('occur at the same relative time of a run that is shrunk, stretched or reshaped', () => {
    const at = (options: Partial<PlanOptions>) =>
      disturbed([{ at: '15s', disconnect: 1 }], options).disturbances[0]?.atMs
    expect(at({ duration: '6s' })).toBe(3000)
    expect(at({ duration: '2m' })).toBe(60_000)
    expect(at({ profile: 'smoke' })).toBe(5000)
    expect(at({ vus: 3 })).toBe(15_000)
  })

  it.each([
    [{}, 'disturb: expected an array with at least one item, got an object'],
    [[{ at: '5s' }], 'disturb[0].disconnect: expected a number 0…1, got nothing'],
    [[{ at: '5s', disconnect: 2 }], 'disturb[0].disconnect: expected a number 0…1, got 2'],
    [[{ at: '5s', disconect: 1 }], 'disturb[0].disconect: there is no such key; did you mean "disconnect"?'],
    [
      [{ at: '30s', disconnect: 1 }],
      'disturb: expected a time before the end of the run at 30s, got 30s (everybody is cut)',
    ],
    [[{ at: '5s', disconnect: 1, label: '' }], 'disturb[0].label: expected a text, got ""'],
  ])('are rejected if they are %o', (disturb, line) => {
    expect(linesOf({ load: constantVus, users: [visitor], disturb })).toContain(line)
  })
})

describe('thresholds of the command line', () => {
  const given = (...thresholds: string[]) =>
    plan({ load: constantVus, users: [visitor], thresholds: { checks: ['rate==1'] } }, { thresholds })

  it.each([
    ['http_req_duration p(95)<200', 'http_req_duration', 'p(95)<200'],
    ['  http_reqs   rate > 5 ', 'http_reqs', 'rate > 5'],
    [
      'http_req_duration{name:/v1/orders, status:200} p(99)<=10',
      'http_req_duration{name:/v1/orders, status:200}',
      'p(99)<=10',
    ],
    ['http_req_duration{name:/v1/orders/{id}} avg<10', 'http_req_duration{name:/v1/orders/{id}}', 'avg<10'],
    ['checks{check:a rate<0.5 of all}rate>0.9', 'checks{check:a rate<0.5 of all}', 'rate>0.9'],
  ])('are added to those of the scenario: %s', (text, metric, expression) => {
    expect(given(text).thresholds.map(({ source }) => source)).toEqual([
      { metric: 'checks', expression: 'rate==1' },
      { metric, expression },
    ])
  })

  it.each([
    ['http_reqs', "expected a metric and a condition, such as 'http_req_duration p(95)<200'"],
    ['', "expected a metric and a condition, such as 'http_req_duration p(95)<200'"],
    ['http_reqs p(95)<3', 'http_reqs is a counter: expected count, rate, got "p(95)"'],
    ['http_reqs rate<', "expected a condition such as 'p(95)<200' or 'count==0', got \"rate<\""],
    ['http_req rate<3', 'there is no metric "http_req"; did you mean "http_reqs"?'],
    ['http_reqs{nam:x} rate<3', expect.stringContaining('did you mean "name"?')],
  ])('are rejected with their text: %o', (text, detail) => {
    let lines: readonly string[] = []
    try {
      given(text)
    } catch (error) {
      lines = (error as ScenarioError).lines
    }
    const path = `--threshold ${JSON.stringify(text)}: `
    expect(lines.map(line => line.startsWith(path))).toEqual([true])
    expect(lines[0]?.slice(path.length)).toEqual(detail)
  })
})
