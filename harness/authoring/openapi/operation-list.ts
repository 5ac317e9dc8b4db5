import { type JsonFields, fieldsOf, isFields, listOf, textOf } from '../json-tree.ts'
import { UnusableSource } from '../unusable-source.ts'
import type { References } from './references.ts'

/** A parameter of an operation, with its references followed. */
export interface ListedParameter {
  name: string
  place: 'path' | 'query' | 'header' | 'cookie'
  required: boolean
  fields: JsonFields
}

/** An operation of a document. */
export interface ListedOperation {
  method: string
  /** Template, such as `/orders/{id}`. */
  path: string
  summary: string | undefined
  id: string | undefined
  tags: readonly string[]
  parameters: readonly ListedParameter[]
  body: JsonFields | undefined
  /** Responses by status, with their references followed. */
  responses: ReadonlyMap<string, JsonFields>
  /** Alternatives, each with the schemes that it needs; undefined as in the document. */
  security: unknown
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace']

/** Returns all operations of a document. @throws UnusableSource if there are none */
export function operationsOf(document: JsonFields, references: References): ListedOperation[] {
  const operations = Object.entries(fieldsOf(document['paths'])).flatMap(([path, value]) => {
    if (!path.startsWith('/')) return []
    const { object: item } = references.resolve(value)
    return METHODS.filter(method => isFields(item[method])).map(method =>
      operationOf(method, path, item, document, references),
    )
  })
  if (operations.length > 0) return operations
  const isWebhooks = isFields(document['webhooks'])
  throw new UnusableSource(
    `the document describes no operations: expected some under "paths"${isWebhooks ? ', got only webhooks, which the service itself sends' : ''}`,
  )
}

function operationOf(
  method: string,
  path: string,
  item: JsonFields,
  document: JsonFields,
  references: References,
): ListedOperation {
  const operation = fieldsOf(item[method])
  const body = operation['requestBody']
  const responses = Object.entries(fieldsOf(operation['responses']))
  return {
    method: method.toUpperCase(),
    path,
    summary: textOf(operation['summary']),
    id: textOf(operation['operationId']),
    tags: listOf(operation['tags']).filter(tag => typeof tag === 'string'),
    parameters: parametersOf([...listOf(item['parameters']), ...listOf(operation['parameters'])], references),
    body: body === undefined ? undefined : references.resolve(body).object,
    responses: new Map(responses.map(([status, response]) => [status, references.resolve(response).object])),
    security: operation['security'] ?? document['security'],
  }
}

/** Returns the parameters. One of the operation replaces that of its path with the same name and place. */
function parametersOf(values: readonly unknown[], references: References): ListedParameter[] {
  const byKey = new Map<string, ListedParameter>()
  for (const value of values) {
    const { object: fields } = references.resolve(value)
    const { name, in: place } = fields
    if (typeof name !== 'string' || !isPlace(place)) continue
    byKey.set(`${place} ${name}`, { name, place, required: place === 'path' || fields['required'] === true, fields })
  }
  return [...byKey.values()]
}

function isPlace(place: unknown): place is ListedParameter['place'] {
  return place === 'path' || place === 'query' || place === 'header' || place === 'cookie'
}
