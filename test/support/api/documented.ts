import type { TSchema } from 'typebox'
import { type Checker, checker } from '../../../core/check.ts'
import type {
  DocumentedOperation,
  JsonSchema,
  MediaType,
  OpenApiDocument,
  Parameter,
  PathItem,
  DocumentedResponse,
} from '../../../target/openapi/specification.ts'
import type { Received } from './send.ts'

/** An operation as the OpenAPI document describes it, with references resolved. */
export interface ApiOperation {
  name: string
  tag: string
  method: string
  path: string
  parameters: Parameter[]
  /** The required scope; undefined if guests are allowed. */
  scope: string | undefined
  body: { required: boolean; mediaType: string; schema: JsonSchema; examples: Record<string, unknown> } | undefined
  /** Returns where a response differs from the document. */
  deviations(answer: Received): string[]
}

export function readApi(document: OpenApiDocument): ApiOperation[] {
  const paths = follow(document.paths, document) as Record<string, PathItem>
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => readOperation(method.toUpperCase(), path, operation)),
  )
}

/** Resolves references. No schema in the document contains itself. */
function follow(node: unknown, document: OpenApiDocument): unknown {
  if (Array.isArray(node)) return node.map(item => follow(item, document))
  if (typeof node !== 'object' || node === null) return node
  const { $ref } = node as { $ref?: unknown }
  if (typeof $ref === 'string') {
    const keys = $ref.split('/').slice(1)
    return follow(
      keys.reduce((at, key) => (at as Record<string, unknown>)[key], document as unknown),
      document,
    )
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, follow(value, document)]))
}

function readOperation(method: string, path: string, operation: DocumentedOperation): ApiOperation {
  const [mediaType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  const responses = new Map(
    Object.entries(operation.responses as Record<string, DocumentedResponse>).map(([status, { content = {} }]) => [
      Number(status),
      new Map(Object.entries(content).map(([type, { schema }]) => [type, compiled(type, schema)])),
    ]),
  )
  const scheme = operation.security.find(scheme => 'oauth2' in scheme)
  const isOpen = operation.security.length === 0 || operation.security.some(scheme => !Object.keys(scheme).length)
  return {
    name: operation.operationId,
    tag: operation.tags[0] as string,
    method,
    path,
    parameters: operation.parameters as Parameter[],
    scope: isOpen ? undefined : (scheme?.['oauth2']?.[0] ?? 'profile'),
    body:
      mediaType === undefined
        ? undefined
        : {
            required: operation.requestBody!.required,
            mediaType,
            schema: content!.schema as JsonSchema,
            examples: examplesOf(content!),
          },
    deviations: answer => deviations(responses, answer),
  }
}

function examplesOf({ examples = {} }: MediaType): Record<string, unknown> {
  return Object.fromEntries(Object.entries(examples).map(([name, it]) => [name, (it as { value: unknown }).value]))
}

/** Only JSON can be checked against a schema. */
function compiled(mediaType: string, schema: object | undefined): Checker<unknown> | undefined {
  return schema !== undefined && mediaType.endsWith('json') ? checker(schema as TSchema) : undefined
}

type Responses = Map<number, Map<string, Checker<unknown> | undefined>>

function deviations(responses: Responses, { status, headers, text }: Received): string[] {
  const types = responses.get(status)
  if (types === undefined) return [`status ${status} is not documented: ${text.slice(0, 300)}`]
  if (types.size === 0) return text === '' ? [] : [`a body came with ${status}: ${text.slice(0, 80)}`]
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (!types.has(type)) return [`expected ${[...types.keys()].join(' or ')} with ${status}, got ${type || 'no type'}`]
  const schema = types.get(type)
  if (schema === undefined) return []
  try {
    return schema.errors(JSON.parse(text)).map(({ pointer, detail }) => `${status} ${pointer}: ${detail}`)
  } catch {
    return [`the body of ${status} is not JSON: ${text.slice(0, 80)}`]
  }
}
