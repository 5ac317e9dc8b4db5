import { requestLabel } from '../code/comment.ts'
import { Arrow, type Expression } from '../code/expression.ts'
import type { Guards } from '../code/guards.ts'
import { bodyName } from '../code/names.ts'
import type { RequestStep, StreamStep } from '../code/steps.ts'
import { type JsonFields, fieldsOf, nonEmpty } from '../json-tree.ts'
import { bodyOf } from './body.ts'
import type { ListedOperation } from './operation-list.ts'
import { optionalNames, type ParameterDependencies, parametersOf, pathOf } from './parameters.ts'
import type { Schemas } from './schema.ts'
import type { Security } from './security.ts'
import { isJson, jsonSchemaOf, successOf } from './response.ts'

/** An operation that a scenario can send, or the reason why it cannot. */
export type WrittenOperation = { step: RequestStep | StreamStep } | { leftOut: string }

export interface RequestDependencies extends ParameterDependencies {
  schemas: Schemas
  security: Security
  guards: Guards
}

/**
 * Returns the request of an operation.
 * @param captured expressions for parameters of the path whose values a response gave
 */
export function requestOf(
  operation: ListedOperation,
  captured: ReadonlyMap<string, Expression>,
  dependencies: RequestDependencies,
): WrittenOperation {
  const success = successOf(operation)
  if (success?.status === '101') return { leftOut: 'they open a WebSocket, which is written with `ws.open`' }
  const label = requestLabel(operation.method, operation.path)
  const body = operation.body === undefined ? { options: {} } : bodyOf(operation.body, label, dependencies)
  if ('leftOut' in body) return body
  const path = pathOf(operation, captured, dependencies)
  const { query, headers } = parametersOf(operation, label, dependencies)
  const secured = dependencies.security.optionsOf(operation)
  const options = {
    ...nonEmpty('query', { ...query, ...secured.query }),
    ...body.options,
    ...nonEmpty('headers', { ...body.headers, ...headers, ...secured.headers }),
    ...(operation.path.includes('{') && { name: operation.path }),
  }
  const comments = [...path.comments, ...optionalNames(operation.parameters)]
  if (operation.method === 'GET' && isStream(success?.response)) {
    return { step: { step: 'stream', path: path.parts, options: { ...options, events: 10, until: '5s' }, comments } }
  }
  const claims = claimsOf(operation, label, dependencies)
  const step: RequestStep = {
    step: 'request',
    method: operation.method,
    path: path.parts,
    options,
    claims,
    captures: [],
    comments,
  }
  return { step }
}

function isStream(response: JsonFields | undefined): boolean {
  const types = Object.keys(fieldsOf(response?.['content']))
  return types.some(type => type.startsWith('text/event-stream')) && !types.some(isJson)
}

function claimsOf(
  operation: ListedOperation,
  label: string,
  { schemas, guards }: RequestDependencies,
): Record<string, Arrow> {
  const statuses = [...operation.responses.keys()].filter(status => /^2\d\d$/.test(status))
  const success = successOf(operation)
  const claims: Record<string, Arrow> = {}
  if (statuses.length > 0) {
    const tests = statuses.map(status => `status === ${status}`)
    claims[`${label}: status is ${statuses.join(' or ')}`] = new Arrow('({ status })', tests.join(' || '))
  } else claims[`${label}: is no error`] = new Arrow('({ status })', 'status >= 200 && status < 400')
  const schema = success?.status.startsWith('2') ? jsonSchemaOf(success.response) : undefined
  if (schema === undefined || operation.method === 'HEAD') return claims
  const body = guards.claim(schemas.shape(schema), bodyName(operation.method, operation.path))
  if (body === undefined) return claims
  const condition = statuses.length > 1 ? `response.status !== ${success!.status} || ` : ''
  claims[`${label}: ${body.meaning}`] = new Arrow('response', condition + body.claim.body)
  return claims
}
