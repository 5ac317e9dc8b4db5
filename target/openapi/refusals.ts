import type { TSchema } from 'typebox'
import type { Operation } from '../../contract/api/operation.ts'
import { Problem, type ProblemCode, problems } from '../../contract/problem.ts'
import { problemDocument, ProblemError, problemMediaType } from '../exchange/problem.ts'
import { documented } from './schemas.ts'
import type { JsonSchema, OpenApiDocument, Reference, DocumentedResponse } from './specification.ts'

/** Refusals that any request may meet. */
const ofAnyRequest: readonly ProblemCode[] = [
  'invalid_request',
  'invalid_name',
  'invalid_header',
  'request_timeout',
  'uri_too_long',
  'rate_limited',
  'headers_too_large',
  'unknown_transfer_coding',
  'memory_exhausted',
]

/** Refusals of requests that may have a body, whether their operation needs one or not. */
const ofBodies: readonly ProblemCode[] = [
  'malformed_json',
  'json_too_deep',
  'malformed_body',
  'body_too_large',
  'unsupported_media_type',
  'unknown_transfer_coding',
]

const retryAfter = { 'Retry-After': 'Seconds to wait before the next attempt.' }

const headersOf: Readonly<Partial<Record<ProblemCode, Readonly<Record<string, string>>>>> = {
  invalid_token: { 'WWW-Authenticate': '`Bearer error="invalid_token"`' },
  insufficient_scope: { 'WWW-Authenticate': '`Bearer error="insufficient_scope"` with the required scope.' },
  precondition_failed: { ETag: 'ETag of the current resource.' },
  range_not_satisfiable: { 'Content-Range': 'Length of the file.' },
  rate_limited: { ...retryAfter, RateLimit: 'Requests left in each bucket.', 'RateLimit-Policy': 'The limits.' },
  memory_exhausted: retryAfter,
  queue_full: retryAfter,
  model_overloaded: retryAfter,
  too_many_connections: retryAfter,
}

/** Returns the codes with which an operation may refuse a request, by status. */
export function refusalsOf(operation: Operation): Map<number, ProblemCode[]> {
  return Map.groupBy(codesOf(operation), code => problems[code].status)
}

function codesOf({ method, access, problems: own }: Operation): ProblemCode[] {
  const codes = new Set<ProblemCode>([...own, ...ofAnyRequest])
  if (method !== 'GET') for (const code of ofBodies) codes.add(code)
  if (access.kind !== 'public') codes.add('invalid_token')
  if (access.kind === 'bearer' && access.scope !== undefined) codes.add('insufficient_scope')
  // In the order of the table of problems.
  return knownCodes.filter(code => codes.has(code))
}

/** Returns the components that these operations refer to: one response per code, and an example of every code. */
export function sharedRefusals(
  operations: readonly Operation[],
): Pick<OpenApiDocument['components'], 'responses' | 'examples'> {
  const groups = operations
    .filter(({ refusals }) => refusals === undefined)
    .flatMap(operation => [...refusalsOf(operation).values()])
  const alone = new Set(groups.filter(({ length }) => length === 1).flat())
  const shown = new Set(groups.flat())
  return {
    responses: Object.fromEntries([...alone].map(code => [code, refusal([code])])),
    examples: Object.fromEntries(
      knownCodes
        .filter(code => shown.has(code))
        .map(code => [code, { value: problemDocument(new ProblemError(code, 'What was expected, and what came.')) }]),
    ),
  }
}

/** Codes of the control plane, of unknown paths and methods, of internal errors and of injected faults. */
const undocumentedCodes: readonly ProblemCode[] = [
  'control_forbidden',
  'foreign_page',
  'unknown_run',
  'control_elsewhere',
  'fault_exists',
  'method_not_allowed',
  'internal_error',
  'injected_fault',
  'capacity_exceeded',
]
const knownCodes = (Object.keys(problems) as ProblemCode[]).filter(code => !undocumentedCodes.includes(code))

/** Returns a reference to a refusal with a single code, which is described once, or a description of one with several. */
export function refusalReference(codes: readonly ProblemCode[]): DocumentedResponse | Reference {
  return codes.length === 1 ? { $ref: `#/components/responses/${codes[0]}` } : refusal(codes)
}

/** @param own schema of the refusals of an API with a shape of its own */
export function refusal(codes: readonly ProblemCode[], own?: TSchema): DocumentedResponse {
  const headers = Object.assign({}, ...codes.map(code => headersOf[code])) as Record<string, string>
  return {
    description: codes.map(code => `${problems[code].title} (\`${code}\`).`).join(' '),
    ...(Object.keys(headers).length > 0 && { headers: documentedHeaders(headers) }),
    content:
      own !== undefined
        ? { 'application/json': { schema: { allOf: [documented(own), ofCodes(codes)] } } }
        : {
            [problemMediaType]: {
              schema: { allOf: [documented(Problem), { properties: { code: { enum: codes } } }] },
              examples: Object.fromEntries(codes.map(code => [code, { $ref: `#/components/examples/${code}` }])),
            },
          },
  }
}

/** Returns the schema of refusals with a shape of their own, which name the code within their error. */
function ofCodes(codes: readonly ProblemCode[]): JsonSchema {
  const named = codes.map(code => (code === 'invalid_token' ? 'invalid_api_key' : code))
  return { properties: { error: { properties: { code: { enum: named } } } } }
}

export function documentedHeaders(
  headers: Readonly<Record<string, string>>,
): NonNullable<DocumentedResponse['headers']> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  )
}
