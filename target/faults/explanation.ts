import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import type { FaultsExplanation, RuleExplanation } from '../../contract/faults/report.ts'
import { headers as known, defaultTenant } from '../../contract/headers.ts'
import {
  isSocketOperation,
  looserPatternError,
  matchOf,
  type OperationName,
  operationNames,
  operations,
} from '../../contract/api/operations.ts'
import { socketKey, streamKey } from '../exchange/key.ts'
import { FaultsSection } from '../ledger/faults-section.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { ActiveRule } from './active-rule.ts'
import { arrivalKey, ordinalOf } from './arrivals.ts'
import type { Faults } from './faults.ts'
import { clientKey, decidedBy, type FaultSubject, regionOf, splitUrl } from './subject.ts'

const Text = Type.String({ maxLength: 8192 })

/** Description of a request. It needs an operation or a path; everything else is optional. */
export const ExplainedRequest = Type.Object(
  {
    operation: Type.Optional(Text),
    method: Type.Optional(Text),
    path: Type.Optional(Text),
    headers: Type.Optional(Type.Record(Type.String(), Text)),
    /**
     * Replaces the draws of the headers. A number is the ordinal from 0 among the arrivals of the operation or the
     * streams of the run.
     */
    key: Type.Optional(Type.Union([Text, Type.Integer({ minimum: 0 })], { expected: 'a key, or an ordinal from 0' })),
    client: Type.Optional(Text),
    user: Type.Optional(Text),
    region: Type.Optional(Text),
    /** Channel of a message, and the ordinal that identifies it within its connection. */
    channel: Type.Optional(Text),
    message: Type.Optional(Type.Array(Type.Union([Text, Type.Integer()]), { maxItems: 8 })),
  },
  { additionalProperties: false },
)
export type ExplainedRequest = Static<typeof ExplainedRequest>

/**
 * Explains which of the current rules would inject their fault into a request. Nothing is counted.
 * @throws ProblemError invalid_request
 */
export function explain(faults: Faults, request: ExplainedRequest): FaultsExplanation {
  const subject = subjectOf(request)
  const { operation, method, path, tenant, key } = subject
  const rules = faults.preview((rule, nowMs) => explainRule(rule, nowMs, subject, request))
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
  // A request arrives on a connection whose handshake is over.
  const matches =
    rule.scope !== 'handshake' && rule.matcher.matches(subject) && (!ofMessage || rule.matcher.matchesChannel(channel))
  const acts = rule.actsAt(nowMs)
  const follower = { ...subject, key: followerKey(subject) }
  const key = ofMessage ? [follower.key, ...message] : decidedBy(rule.scope === 'request' ? subject : follower)
  const { share, drawn, drawnMs } = rule.preview(nowMs, ...key)
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

/** Returns the key of a stream or WebSocket: that of its client, or the one that it gets when it is opened. */
function followerKey({ operation, key }: FaultSubject): string {
  if (typeof key === 'string') return key
  const ordinal = ordinalOf(key) + 1
  return isSocketOperation(operation as OperationName) ? socketKey(ordinal) : streamKey(ordinal)
}

function subjectOf(request: ExplainedRequest): FaultSubject {
  const { operation, method, path } = routeOf(request)
  const { query } = splitUrl({ url: request.path })
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const { key = headers[known.exchange] ?? clientKey(headers) ?? 0 } = request
  const { client, user, region = regionOf(query) } = request
  return {
    key: typeof key === 'number' ? arrivalKey(operation, key) : key,
    attempt: headers[known.attempt],
    operation,
    method,
    path,
    tenant: headers[known.tenant] ?? defaultTenant,
    client,
    user,
    region,
    header: name => (Object.hasOwn(headers, name) ? headers[name] : undefined),
    faults: nobody,
  }
}

/** Completes an operation by its path, or a path by its operation. */
function routeOf({ operation, method, path }: ExplainedRequest): {
  operation: OperationName
  method: string
  path: string
} {
  if (path?.startsWith('/') === false) {
    throw refuse('/path', `expected a path such as /products/1, got ${JSON.stringify(path)}`)
  }
  if (operation === undefined) {
    if (path === undefined) throw refuse('/operation', 'expected an operation, or a path, got neither')
    const asked = (method ?? 'GET').toUpperCase()
    const { path: pathname } = splitUrl({ url: path })
    return { operation: matchOf(asked, pathname)?.operation ?? 'unmatched', method: asked, path: pathname }
  }
  const name = operationNames.find(each => each === operation)
  if (name === undefined) {
    throw refuse(
      '/operation',
      looserPatternError(operation) ?? `expected one operation, got ${JSON.stringify(operation)}`,
    )
  }
  const own: { method: string; path: string } = name === 'unmatched' ? { method: 'GET', path: '/' } : operations[name]
  return {
    operation: name,
    method: (method ?? own.method).toUpperCase(),
    path: path === undefined ? own.path : splitUrl({ url: path }).path,
  }
}

function refuse(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid_request', `${pointer.slice(1)}: ${detail}`, { errors: [{ pointer, detail }] })
}

/** Takes the counts of explanations, which belong to no run. */
const nobody = new FaultsSection()
