import { describe, expect, it } from 'vitest'
import { readSlo, splitConditions } from '../../../../harness/capacity/slo.ts'
import { vocabularyOf } from '../../../../harness/plan/read-vocabulary.ts'
import { counter, trend } from '../../../../harness/scenario.ts'
import { Inspector } from '../../../../harness/plan/inspector.ts'

function read(...texts: string[]) {
  const inspector = new Inspector()
  return { slo: readSlo(inspector, texts), errors: inspector.errors }
}

describe('splitConditions', () => {
  it('splits at commas between conditions only', () => {
    expect(
      splitConditions(' http_req_duration{name:/a,status:200} p(95)<200 , checks{check:"a, b"} rate>0.9,'),
    ).toEqual(['http_req_duration{name:/a,status:200} p(95)<200', 'checks{check:"a, b"} rate>0.9'])
  })
})

describe('readSlo', () => {
  it('reads conditions in the syntax of thresholds', () => {
    const { slo, errors } = read('http_req_duration p(95)<200, http_req_failed rate<0.01', 'checks rate>0.99')
    expect(errors).toEqual([])
    expect(slo.map(({ source }) => source)).toEqual([
      { metric: 'http_req_duration', expression: 'p(95)<200' },
      { metric: 'http_req_failed', expression: 'rate<0.01' },
      { metric: 'checks', expression: 'rate>0.99' },
    ])
  })

  it('reads conditions on the metrics and tags of the scenario', () => {
    const inspector = new Inspector()
    const vocabulary = vocabularyOf({
      metrics: [trend('search_time', { tags: ['index'] }), counter('missed')],
      loads: { browse: { tags: { plan: 'gold' }, users: [{ tasks: { look: { tags: { critical: true } } } }] } },
    })
    const texts = [
      'search_time{index:a,plan:gold} p(95)<20',
      'missed count==0, http_req_failed{critical:true} rate<0.1',
    ]
    const slo = readSlo(inspector, texts, vocabulary)
    expect(inspector.errors).toEqual([])
    expect(slo.map(({ kind, unit, readings }) => [kind, unit, readings[0]])).toEqual([
      ['trend', 'ms', { index: 'a', plan: 'gold' }],
      ['counter', 'count', {}],
      ['rate', 'share', { critical: 'true' }],
    ])
  })

  it.each([
    ['http_req_dration p(95)<200', /there is no metric "http_req_dration"; did you mean "http_req_duration"/],
    ['http_req_duration', /expected a metric and a condition/],
    ['', /expected a condition such as/],
    ['http_req_duration p(95)>200', /expected an upper limit, which more load exceeds/],
    ['http_reqs rate>100', /expected an upper limit, which more load exceeds/],
    ['http_reqs count<100', /a count depends on the length of a probe/],
    ['http_req_duration min<5', /expected p\(N\), avg, med or max/],
    ['vus value<5', /a gauge has only a last value/],
    ['http_req_duration{phase:a} p(95)<5', /no phases/],
    ['checks rate==0.5', /expected an upper or a lower limit/],
    ['http_req_duration p(95)<-5', /no load meets a limit below all values/],
    ['http_req_duration p(95)<=0', /no load meets a limit below all values/],
    ['http_req_failed rate<0', /no load meets a limit below all values/],
    ['checks rate>99', /a share is within 0…1/],
    ['checks rate>1', /a share is within 0…1/],
  ])('rejects "%s" with the reason', (text, reason) => {
    const { errors } = read(text)
    expect(errors.join('\n')).toMatch(reason)
  })

  it.each(['dropped_iterations count==0', 'checks rate==1', 'http_req_failed rate==0', 'http_req_duration max<900'])(
    'accepts "%s", which allows nothing',
    text => expect(read(text).errors).toEqual([]),
  )
})
