import { expect, it } from 'vitest'
import { ResultJudge } from '../../../../../harness/client/graphql/result-judge.ts'
import { BodyMemory, ReceivedBody } from '../../../../../harness/client/message/received-body.ts'

function judged(status: number, text: string, expectErrors = false) {
  const body = new ReceivedBody(new BodyMemory())
  body.add(Buffer.from(text))
  body.end()
  const judge = new ResultJudge(expectErrors)
  return { verdict: judge.judge(status, {}, body), result: judge.result }
}

const errors = [
  { message: 'gone', path: ['orders', 0, 'total'], extensions: { code: 'not_found' } },
  { message: 'late' },
  { message: 'c', path: [] },
  { message: 'd' },
]

it('takes errors for a failure, whatever the status is, and shows their codes and paths', () => {
  for (const status of [200, 400]) {
    expect(judged(status, JSON.stringify({ data: null, errors }))).toEqual({
      verdict: {
        reason: 'graphql_error',
        example: 'not_found at orders.0.total: gone; error: late; error: c and 1 more',
      },
      result: { data: null, errors },
    })
  }
})

it('takes errors that are expected for none', () => {
  expect(judged(400, JSON.stringify({ errors }), true).verdict).toBe('as expected')
})

it('leaves a result without errors to its status', () => {
  expect(judged(200, '{"data":{"a":1}}')).toEqual({ verdict: undefined, result: { data: { a: 1 } } })
})

it.each(['', 'nonsense', '[]', 'null', '{"data":1', '{"errors":"x"}', '{"errors":[1]}', '{}'])(
  'takes a 200 with %j for an answer that cannot be understood, and leaves an error status to explain itself',
  text => {
    expect(judged(200, text).verdict).toMatchObject({ reason: 'body' })
    expect(judged(503, text).verdict).toBeUndefined()
  },
)
