import { type Static, Type } from 'typebox'
import type { FaultsExplanation, RuleExplanation } from '../../contract/faults/report.ts'
import { headers as known, defaultTenant } from '../../contract/headers.ts'
import { matchOf, type OperationName, operationNames, operations } from '../../contract/operations.ts'
import { looserPatternFault } from '../../contract/operation-pattern.ts'
import { FaultsPage } from '../ledger/faults-page.ts'
import { ProblemError } from '../problem.ts'
import type { ActiveRule } from './active-rule.ts'
import { arrivalKey, ordinalOf } from './arrivals.ts'
import type { Faults } from './faults.ts'
import { clientKey } from './exchange-subject.ts'
import type { FaultSubject } from './subject.ts'

const Text = Type.String({ maxLength: 8192 })

/** A request, described. It needs an operation, or a path; the rest is as a client without manners would have it. */
export const ExplainedRequest = Type.Object(
  {
    operation: Type.Optional(Text),
    method: Type.Optional(Text),
    path: Type.Optional(Text),
    headers: Type.Optional(Type.Record(Type.String(), Text)),
    /** What its headers would give; a number is the ordinal among the arrivals of its operation, from 0. */
    key: Type.Optional(Type.Union([Text, Type.Integer({ minimum: 0 })], { expected: 'a key, or an ordinal from 0' })),
    client: Type.Optional(Text),
    user: Type.Optional(Text),
    region: Type.Optional(Text),
    /** Of a message: its channel, and what tells it from other messages of its connection. */
    channel: Type.Optional(Text),
    message: Type.Optional(Type.Array(Type.Union([Text, Type.Integer()]), { maxItems: 8 })),
  },
  { additionalProperties: false },
)
export type ExplainedRequest = Static<typeof ExplainedRequest>

/** What the rules of this moment would do to a request. Nothing is counted. @throws ProblemError invalid_request */
export function explain(faults: Faults, request: ExplainedRequest): FaultsExplanation {
  const subject = subjectOf(request)
  const { operation, method, path, tenant, key } = subject
  const rules = faults.foresee((rule, nowMs) => explainRule(rule, nowMs, subject, request))
  return {
    request: { operation, method, path, tenant, key: typeof key === 'number' ? ordinalOf(key) : key },
    strikes: rules.filter(({ strikes }) => strikes).map(({ id }) => id),
    rules,
  }
}

function explainRule(
  rule: ActiveRule,
  nowMs: number,
  subject: FaultSubject,
  { channel, message = [] }: ExplainedRequest,
): RuleExplanation {
  const ofMessage = rule.scope === 'message'
  const matches = rule.matcher.matches(subject) && (!ofMessage || rule.matcher.matchesChannel(channel))
  const acts = rule.actsAt(nowMs)
  const { share, drawn, drawnMs } = rule.foresee(nowMs, subject.key, ...(ofMessage ? message : []))
  return {
    id: rule.id,
    type: rule.fault.type,
    scope: rule.scope,
    source: rule.source,
    matches,
    acts,
    share,
    drawn,
    strikes: matches && acts && drawn < share,
    ...(drawnMs !== undefined && { drawnMs }),
  }
}

function subjectOf(request: ExplainedRequest): FaultSubject {
  const { operation, method, path } = routeOf(request)
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const { key = headers[known.exchange] ?? clientKey(headers) ?? 0 } = request
  const { client, user, region } = request
  return {
    key: typeof key === 'number' ? arrivalKey(operation, key) : key,
    operation,
    method,
    path,
    tenant: headers[known.tenant] ?? defaultTenant,
    client,
    user,
    region,
    header: name => headers[name],
    faults: nobody,
  }
}

/** Either names the other: an operation has its path, a path its operation. */
function routeOf({ operation, method, path }: ExplainedRequest): {
  operation: OperationName
  method: string
  path: string
} {
  if (operation === undefined) {
    if (path === undefined) throw refuse('/operation', 'expected an operation, or a path, got neither')
    const asked = (method ?? 'GET').toUpperCase()
    const [pathname = ''] = path.split('?', 1)
    return { operation: matchOf(asked, pathname)?.operation ?? 'unmatched', method: asked, path: pathname }
  }
  const name = operationNames.find(each => each === operation)
  if (name === undefined) {
    throw refuse(
      '/operation',
      looserPatternFault(operation) ?? `expected one operation, got ${JSON.stringify(operation)}`,
    )
  }
  const own: { method: string; path: string } = name === 'unmatched' ? { method: 'GET', path: '/' } : operations[name]
  return { operation: name, method: (method ?? own.method).toUpperCase(), path: path?.split('?', 1)[0] ?? own.path }
}

function refuse(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid_request', `${pointer.slice(1)}: ${detail}`, { errors: [{ pointer, detail }] })
}

/** Explaining leaves no trace in any run. */
const nobody = new FaultsPage()
