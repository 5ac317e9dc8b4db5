import { describe, expect, it } from 'vitest'
import type { Tags } from '../../../../harness/metrics/catalog.ts'
import { SnapshotRecorder } from '../../../../harness/metrics/snapshot-recorder.ts'
import { demandsAbort, judge, selectorOf } from '../../../../harness/thresholds/judge.ts'
import { parseSelector } from '../../../../harness/thresholds/selector.ts'
import { parseExpression, type Threshold } from '../../../../harness/thresholds/threshold.ts'
import { vocabularyWith } from '../../../../harness/metrics/vocabulary.ts'
import { counter, gauge } from '../../../../harness/scenario.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

function threshold(metric: string, expression: string): Threshold {
  const selector = parseSelector(metric)
  return {
    source: { metric, expression },
    ...selector,
    ...parseExpression(selector.metric, expression),
    abortOnFail: false,
    delayAbortEvalMs: 0,
  }
}

function recorder() {
  return new SnapshotRecorder(new FakeClock(), 0)
}

function verdict(metric: string, expression: string, one = recorder(), elapsedMs = 2000) {
  return judge(threshold(metric, expression), one.snapshot, elapsedMs)
}

/** The tags that a selector means where these series of `checks`, or these requests, were measured. */
function selected(source: string, ...measured: Tags[]): Tags[] {
  const one = recorder()
  for (const tags of measured) one.hit('checks', tags, true)
  const { snapshot } = one
  return snapshot.select('checks', selectorOf(threshold(source, 'rate==1'), snapshot)).map(({ tags }) => tags)
}

describe('a threshold on a metric of the scenario', () => {
  const sold = counter('sold', { unit: 'EUR', tags: ['kind'] })
  const depth = gauge('depth')
  const vocabulary = vocabularyWith([sold, depth], ['region'], [])
  const judged = (metric: string, expression: string, one = recorder()) => {
    const selector = parseSelector(metric, vocabulary)
    const parsed = parseExpression(selector.metric, expression, vocabulary)
    const rest = { source: { metric, expression }, abortOnFail: false, delayAbortEvalMs: 0 }
    return judge({ ...selector, ...parsed, ...rest }, one.snapshot, 2000)
  }

  it('observes a counter that was not incremented as zero once an iteration has ended, whatever tags it asks for', () => {
    const one = recorder()
    expect(judged('sold', 'count==0', one).state).toBe('no-data')
    one.add('iterations', { user: 'u' })
    expect(judged('sold', 'count==0', one)).toMatchObject({ state: 'passed', observed: 0, unit: 'EUR' })
    expect(judged('sold{kind:book}', 'count==0', one).state).toBe('passed')
    expect(judged('sold{user:other}', 'count==0', one).state).toBe('no-data')
    one.custom(sold, { user: 'u', kind: 'toy' }, 12.5)
    one.custom(sold, { user: 'u', kind: 'book' }, 2.5)
    expect(judged('sold{kind:book}', 'count>2', one)).toMatchObject({ state: 'passed', observed: 2.5 })
    expect(judged('sold', 'rate>7', one)).toMatchObject({ state: 'passed', observed: 7.5, unit: 'per second' })
  })

  it('counts the iterations that could have recorded a counter as its samples, not its sum', () => {
    const one = recorder()
    one.custom(sold, { user: 'u', kind: 'toy' }, 512)
    expect(judged('sold', 'count>0', one)).toMatchObject({ state: 'passed', samples: 1 })
    one.add('iterations', { user: 'u' }, 54)
    expect(judged('sold{kind:toy}', 'count>0', one)).toMatchObject({ state: 'passed', observed: 512, samples: 54 })
  })

  it('observes the last, the lowest and the highest value of a gauge', () => {
    const one = recorder()
    for (const value of [4, -2, 9, 3]) one.custom(depth, {}, value)
    expect(judged('depth', 'value==3', one).state).toBe('passed')
    expect(judged('depth', 'min==-2', one).state).toBe('passed')
    expect(judged('depth', 'max==9', one).state).toBe('passed')
    expect(() => parseExpression('vus', 'max<3')).toThrow('vus is a gauge: expected value, got "max"')
  })
})

describe('parseSelector', () => {
  it('reads tags, also of templates with braces and commas in them', () => {
    expect(parseSelector('http_req_duration{name:/v1/{stream},status:200}')).toMatchObject({
      metric: 'http_req_duration',
      readings: [{ name: '/v1/{stream}', status: '200' }, { name: '/v1/{stream},status:200' }],
    })
    expect(parseSelector('http_reqs{name:/a/{x,y}}').readings).toEqual([{ name: '/a/{x,y}' }])
    expect(parseSelector('checks')).toEqual({ metric: 'checks', readings: [{}] })
    expect(parseSelector('checks{ }')).toEqual({ metric: 'checks', readings: [{}] })
  })

  it.each([
    'status is 200, body ok',
    'a, b,c , d',
    'ends with }',
    'begins with {',
    '{',
    '}',
    '},{',
    ' is ok',
    'is ok ',
    'a:b',
    'ok, time: 5 ms',
    'a, user: b',
    'a,user:b',
    'status:200, user:bob, check:x',
    'says "yes"',
    '"quoted"',
    "it's",
    "'",
    '"',
    'a\\b',
    'a\\, b',
    'two\nlines',
    'tab\tbed',
    'größer als 5 € 東京 🚀',
    'x=1&y=2',
    'p(95)<200',
    '',
  ])('finds a check by its literal name: %j', claim => {
    const decoys = [{ check: 'another', user: 'b' }, { check: 'a' }]
    expect(selected(`checks{check:${claim}}`, { check: claim, user: 'reader' }, ...decoys)).toEqual([
      { check: claim, user: 'reader' },
    ])
    expect(selected(`checks{user:reader,check:${claim}}`, { check: claim, user: 'reader' }, ...decoys)).toHaveLength(1)
    expect(selected(`checks{check:${claim},user:reader}`, { check: claim, user: 'reader' }, ...decoys)).toHaveLength(1)
    expect(selected(`checks{check:${claim},user:other}`, { check: claim, user: 'reader' }, ...decoys)).toEqual([])
  })

  it.each([
    'checks{check:"a, user: b"}',
    "checks{check:'a, user: b'}",
    'checks{ check : "a, user: b" , user : reader }',
    'checks{check:a\\, user: b}',
    'checks{user:reader, check: a, user: b}',
  ])('finds the same check by %s', source => {
    const measured = { check: 'a, user: b', user: 'reader' }
    expect(selected(source, measured, { check: 'other', user: 'x' })).toEqual([measured])
  })

  it('treats quotes and escapes literally if the name contains them', () => {
    expect(selected('checks{check:"a \\"b\\""}', { check: 'a "b"' })).toHaveLength(1)
    expect(selected('checks{check:"b"}', { check: 'b' }, { check: '"b"' })).toEqual([{ check: 'b' }])
    expect(selected('checks{check: b}', { check: 'b' }, { check: ' b' })).toEqual([{ check: ' b' }])
  })

  it('prefers two tags to one name that holds both', () => {
    const both = [{ check: 'a', user: 'b' }, { check: 'a,user:b' }]
    expect(selected('checks{check:a,user:b}', ...both)).toEqual([both[0]])
    expect(selected('checks{check:"a,user:b"}', ...both)).toEqual([both[1]])
  })

  it.each([
    ['http_req_duraton', 'there is no metric "http_req_duraton"; did you mean "http_req_duration"?'],
    ['toString', 'there is no metric "toString"'],
    ['http_reqs{nam:/a}', 'there is no tag "nam"; did you mean "name"?'],
    ['http_reqs{/a}', 'expected a tag such as name:/orders, got "/a"'],
    ['http_reqs{phse:ill}', 'there is no tag "phse"; did you mean "phase"?'],
    ['http_reqs{name:/a,statu:200}', 'there is no tag "statu"; did you mean "status"?'],
    ['http_reqs{name:/a, statu:200}', 'put that in quotes, as in checks{check:"is ok, statu:1"}'],
    ['http_reqs{name:/a,scenario:x}', 'there is no tag "scenario"'],
    ['http_reqs{status:200,status:201}', 'status is given twice'],
    ['http_reqs{name:/a', 'with a } at its end'],
    ['vus{phase:ill}', 'vus is a gauge, the last value there was: it has no phase'],
    ['two words', 'expected a metric such as'],
  ])('explains what is wrong with %s', (source, message) => {
    expect(() => parseSelector(source)).toThrow(message)
  })

  it('leaves quoted text alone', () => {
    expect(parseSelector('http_reqs{name:"/a,statu:200"}').readings[0]).toEqual({ name: '/a,statu:200' })
  })
})

describe('parseExpression', () => {
  it.each([
    ['http_req_duration', 'p(99.9) <= 1.5e3', { percentile: 99.9 }, '<=', 1500, 'ms'],
    ['http_req_duration', 'count>10', 'count', '>', 10, 'count'],
    ['http_reqs', 'rate>100', 'rate', '>', 100, 'per second'],
    ['data_received', 'count<5', 'count', '<', 5, 'bytes'],
    ['http_req_failed', 'rate<0.01', 'rate', '<', 0.01, 'share'],
    ['vus', 'value===3', 'value', '==', 3, 'count'],
    ['vus', 'value!==3', 'value', '!=', 3, 'count'],
  ] as const)('%s: %s', (metric, source, aggregation, comparison, limit, unit) => {
    expect(parseExpression(metric, source)).toMatchObject({ aggregation, comparison, limit, unit })
  })

  it.each([
    ['http_req_duration', 'p95<200', "expected a condition such as 'p(95)<200'"],
    ['http_req_duration', 'p(95)<', 'expected a condition such as'],
    ['http_req_duration', 'p(101)<2', 'expected p(N) with N in 0…100, got "p(101)"'],
    [
      'http_req_duration',
      'rate<2',
      'http_req_duration is a trend: expected p(N), avg, min, med, max, count, got "rate"',
    ],
    ['http_req_failed', 'p(95)<2', 'http_req_failed is a rate: expected rate, count, got "p(95)"'],
    ['event_gaps', 'value==0', 'event_gaps is a counter: expected count, rate'],
  ] as const)('explains what is wrong with %s: %s', (metric, source, message) => {
    expect(() => parseExpression(metric, source)).toThrow(message)
  })
})

describe('judge', () => {
  it('merges every series that matches, and no other', () => {
    const one = recorder()
    for (const [status, valueMs] of [
      ['200', 10],
      ['201', 30],
      ['500', 500],
    ] as const) {
      one.time('http_req_duration', { name: '/a', status }, valueMs)
    }
    one.time('http_req_duration', { name: '/b' }, 9000)
    expect(verdict('http_req_duration{name:/a}', 'avg<200', one)).toMatchObject({
      state: 'passed',
      observed: 180,
      samples: 3,
    })
    expect(verdict('http_req_duration{name:/a}', 'max<500', one)).toMatchObject({
      state: 'failed',
      observed: 500,
      margin: 0,
    })
    expect(verdict('http_req_duration{name:/a,status:200}', 'med==10', one).state).toBe('passed')
    expect(verdict('http_req_duration', 'p(100)>8000', one)).toMatchObject({ state: 'passed', margin: 0.125 })
  })

  it('counts a counter per second of the run', () => {
    const one = recorder()
    one.add('http_reqs', {}, 500)
    expect(verdict('http_reqs', 'rate>=250', one, 2000)).toMatchObject({ state: 'passed', observed: 250 })
  })

  it('is no-data without samples, which is not passed', () => {
    expect(verdict('http_req_duration', 'p(95)<200')).toEqual({
      metric: 'http_req_duration',
      expression: 'p(95)<200',
      state: 'no-data',
      limit: 200,
      unit: 'ms',
      samples: 0,
    })
  })

  it.each([
    ['event_gaps', 'sse_events'],
    ['event_duplicates', 'sse_events'],
    ['events_rejected', 'events_published'],
    ['reconnects', 'sse_sessions'],
    ['dropped_iterations', 'iterations'],
    ['iterations_failed', 'iterations_interrupted'],
  ] as const)('takes %s as zero once there are %s, and as no data before', (metric, proof) => {
    const one = recorder()
    expect(verdict(metric, 'count==0', one).state).toBe('no-data')
    one.add(proof, { stream: 'orders' }, 4)
    expect(verdict(metric, 'count==0', one)).toMatchObject({ state: 'passed', observed: 0, samples: 4 })
    expect(verdict(`${metric}{stream:pricing}`, 'count==0', one).state).toBe('no-data')
    one.add(metric, { stream: 'orders' }, 2)
    expect(verdict(metric, 'count==0', one)).toMatchObject({ state: 'failed', observed: 2 })
  })
})

describe('judge of a phase', () => {
  it('considers only samples that were due in it', () => {
    const one = recorder()
    one.time('http_req_duration', { name: '/a', phase: 'ill' }, 900)
    one.time('http_req_duration', { name: '/a', phase: 'well' }, 10)
    expect(verdict('http_req_duration{phase:ill}', 'max<500', one).state).toBe('failed')
    expect(verdict('http_req_duration{phase:well}', 'max<500', one).state).toBe('passed')
    expect(verdict('http_req_duration', 'count==2', one).state).toBe('passed')
    expect(verdict('http_req_duration{phase:gone}', 'max<500', one).state).toBe('no-data')
  })

  it('counts a stream that was opened before it as a sample', () => {
    const one = recorder()
    one.add('sse_sessions', { phase: 'well' })
    expect(verdict('reconnects{phase:ill}', 'count==0', one).state).toBe('passed')
    // But where no event came, none can be missing.
    expect(verdict('event_gaps{phase:ill}', 'count==0', one).state).toBe('no-data')
  })
})

describe('demandsAbort', () => {
  it('waits for delayAbortEval, and never aborts without data', () => {
    const patient = { ...threshold('checks', 'rate==1'), abortOnFail: true, delayAbortEvalMs: 3000 }
    const one = recorder()
    expect(demandsAbort(patient, judge(patient, one.snapshot, 5000), 5000)).toBe(false)
    one.hit('checks', {}, false)
    expect(demandsAbort(patient, judge(patient, one.snapshot, 2000), 2000)).toBe(false)
    expect(demandsAbort(patient, judge(patient, one.snapshot, 3000), 3000)).toBe(true)
    expect(demandsAbort({ ...patient, abortOnFail: false }, judge(patient, one.snapshot, 3000), 3000)).toBe(false)
  })
})
