import { problems } from '../../../contract/problem.ts'
import { parseDuration } from '../../../core/duration.ts'
import { problemMediaType } from '../../exchange/problem.ts'
import type { Injection } from '../injection.ts'
import type { InjectedAnswer } from './ending.ts'

/** The answer of a `status` fault: its own body, or a problem document that names the rule. */
export function injectedAnswer({ fault, rule }: Injection<'status'>): InjectedAnswer {
  const { status, body, retryAfter } = fault
  // Whole seconds are all that the header can say; less than was meant would send clients back too early.
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(parseDuration(retryAfter) / 1000)) }
  if (typeof body === 'string') return { status, headers, mediaType: 'text/plain; charset=utf-8', body }
  if (body !== undefined) {
    return { status, headers, mediaType: 'application/json; charset=utf-8', body: JSON.stringify(body) }
  }
  const problem = {
    type: 'urn:loadcell:problem:injected_fault',
    title: problems.injected_fault.title,
    status,
    detail: `the fault rule "${rule.id}" answers ${status}`,
    code: 'injected_fault',
  }
  return { status, headers, mediaType: problemMediaType, body: JSON.stringify(problem) }
}
