import { problems } from '../../../contract/problem.ts'
import { parseDuration } from '../../../core/duration.ts'
import { problemMediaType } from '../../exchange/problem.ts'
import type { Injection } from '../injection.ts'
import type { InjectedAnswer, RequestFault } from './faulted-exchange.ts'

export const status: RequestFault<'status'> = {
  preempt(injection, faulted) {
    if (!faulted.actsBefore(injection.fault.at, 'after_handler')) return undefined
    faulted.isAnswered = true
    return injectedAnswer(injection)
  },
  replace(injection, faulted, answer) {
    if (faulted.isAnswered || !faulted.actsAfter(injection.fault.at, 'after_handler')) return undefined
    answer.payload = answer.outgoing.replace(injectedAnswer(injection))
    return 'decided'
  },
}

/** The answer of a `status` fault: its own body, or a problem document that names the rule. */
export function injectedAnswer({ fault, rule }: Injection<'status'>): InjectedAnswer {
  const { status: code, body, retryAfter } = fault
  // The header holds whole seconds. Rounded up, so that clients do not return too early.
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(parseDuration(retryAfter) / 1000)) }
  if (typeof body === 'string') return { status: code, headers, mediaType: 'text/plain; charset=utf-8', body }
  if (body !== undefined) {
    return { status: code, headers, mediaType: 'application/json; charset=utf-8', body: JSON.stringify(body) }
  }
  return { status: code, headers, mediaType: problemMediaType, body: problemOf(rule.id, code) }
}

/** Returns a problem document that names the rule. */
export function problemOf(ruleId: string, status: number): string {
  return JSON.stringify({
    type: 'urn:loadcell:problem:injected_fault',
    title: problems.injected_fault.title,
    status,
    detail: `the fault rule "${ruleId}" answers ${status}`,
    code: 'injected_fault',
  })
}
