import { expect, it } from 'vitest'
import { injectedAnswer } from '../../../../../target/faults/request/status.ts'
import { injectionOf } from './support.ts'

it.each([
  [0, '0'],
  ['1ms', '1'],
  ['1s', '1'],
  ['1001ms', '2'],
  ['2m', '120'],
])('says to wait %s in whole seconds, and never less: %s', (retryAfter, seconds) => {
  const { headers } = injectedAnswer(injectionOf<'status'>({ type: 'status', status: 503, retryAfter }).injection)
  expect(headers).toEqual({ 'retry-after': seconds })
})

it('is a problem unless another body is said, and says nothing of waiting unless told', () => {
  const problem = injectedAnswer(injectionOf<'status'>({ type: 'status', status: 504 }).injection)
  expect(problem).toMatchObject({ status: 504, headers: {}, mediaType: 'application/problem+json' })
  expect(JSON.parse(problem.body)).toEqual({
    type: 'urn:loadcell:problem:injected_fault',
    title: expect.any(String) as string,
    status: 504,
    detail: 'the fault rule "rule" answers 504',
    code: 'injected_fault',
  })
})
