import { expect, it } from 'vitest'
import { injectedAnswer } from '../../../../../target/faults/request/status.ts'
import { injectionOf } from './support.ts'

it.each([
  [0, '0'],
  ['1ms', '1'],
  ['1s', '1'],
  ['1001ms', '2'],
  ['2m', '120'],
])('rounds Retry-After %s up to whole seconds: %s', (retryAfter, seconds) => {
  const { headers } = injectedAnswer(injectionOf<'status'>({ type: 'status', status: 503, retryAfter }).injection)
  expect(headers).toEqual({ 'retry-after': seconds })
})

it('answers with a problem by default, and has no Retry-After by default', () => {
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
