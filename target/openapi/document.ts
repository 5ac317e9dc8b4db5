import type { TObject } from 'typebox'
import { defaultTenant } from '../../contract/headers.ts'
import { namePattern } from '../../contract/name.ts'
import type { AnswerDescription, Body, Operation } from '../../contract/api/operation.ts'
import { operations } from '../../contract/api/operations.ts'
import { introduction, tags } from './introduction.ts'
import { documentedHeaders, refusal, refusalReference, refusalsOf, sharedRefusals } from './refusals.ts'
import { documented, namedSchemas } from './schemas.ts'
import { securityOf, securitySchemes } from './security.ts'
import type {
  DocumentedOperation,
  JsonSchema,
  OpenApiDocument,
  Parameter,
  PathItem,
  RequestBody,
  DocumentedResponse,
} from './specification.ts'

/**
 * Describes the operations that are served, in their canonical spelling, as OpenAPI 3.1. Its server is the one that serves the
 * document.
 */
export function openApiDocument(
  version: string,
  isServed: (operation: string) => boolean = () => true,
): OpenApiDocument {
  const paths: Record<string, PathItem> = {}
  const served = Object.entries<Operation>(operations).filter(([name]) => isServed(name))
  for (const [name, operation] of served) {
    const item = (paths[operation.path] ??= {})
    item[operation.method.toLowerCase() as keyof PathItem] = documentedOperation(name, operation)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Loadcell target', version, description: introduction, license: { name: 'MIT', identifier: 'MIT' } },
    tags: tags.filter(({ name }) => served.some(([, { tag }]) => tag === name)),
    paths,
    components: {
      schemas: namedSchemas(),
      parameters: { tenant },
      ...sharedRefusals(served.map(([, operation]) => operation)),
      securitySchemes,
    },
  }
}

const tenant: Parameter = {
  name: 'X-Tenant-Id',
  in: 'header',
  required: false,
  description: 'The tenant of the request. Tenants share no data.',
  schema: { type: 'string', pattern: namePattern, examples: [defaultTenant] },
}

function documentedOperation(name: string, operation: Operation): DocumentedOperation {
  const { summary, tag, access, body } = operation
  return {
    operationId: name,
    summary,
    tags: [tag],
    security: securityOf(access),
    parameters: [
      ...parametersOf('path', operation.parameters),
      ...parametersOf('query', operation.query),
      ...parametersOf('header', operation.headers),
      // Public operations give the same answers to every tenant.
      ...(access.kind === 'public' ? [] : [{ $ref: '#/components/parameters/tenant' }]),
    ],
    ...(body && { requestBody: requestBody(body) }),
    responses: responsesOf(operation),
  }
}

function parametersOf(place: Parameter['in'], schemas?: TObject): Parameter[] {
  const required = new Set(schemas?.required)
  return Object.entries(schemas?.properties ?? {}).map(([name, schema]) => {
    const { description, examples, ...rest } = documented(schema) as JsonSchema & {
      description?: string
      examples?: unknown[]
    }
    return {
      name,
      in: place,
      required: required.has(name),
      ...(description !== undefined && { description }),
      // Swagger UI fills in its forms with the examples, so only required parameters have one.
      ...(required.has(name) && examples !== undefined && { example: examples[0] }),
      schema: rest,
    }
  })
}

function requestBody({ schema, mediaType = 'application/json', required = true, examples = {} }: Body): RequestBody {
  const values = Object.entries(examples).map(([name, value]) => [name, { value }] as const)
  return {
    required,
    content: {
      [mediaType]: {
        schema: documented(schema),
        ...(values.length > 0 && { examples: Object.fromEntries(values) }),
      },
    },
  }
}

function responsesOf(operation: Operation): DocumentedOperation['responses'] {
  const responses: DocumentedOperation['responses'] = {}
  for (const [status, answer] of Object.entries(operation.answers)) responses[status] = response(answer)
  for (const [status, codes] of refusalsOf(operation)) {
    const answer = operation.answers[status]
    if (operation.refusals !== undefined) responses[status] = refusal(codes, operation.refusals)
    else responses[status] = answer === undefined ? refusalReference(codes) : either(response(answer), refusal(codes))
  }
  return responses
}

/** Merges a refusal into an answer of the same status: OAuth endpoints define errors of their own for some statuses. */
function either(answer: DocumentedResponse, refusal: DocumentedResponse): DocumentedResponse {
  return {
    ...answer,
    description: `${answer.description} ${refusal.description}`,
    content: { ...answer.content, ...refusal.content },
  }
}

function response({ description, schema, mediaTypes, headers }: AnswerDescription): DocumentedResponse {
  const json = schema && documented(schema)
  const types = mediaTypes ?? (json ? ['application/json'] : [])
  const schemaOf = (type: string) => (type === 'text/event-stream' ? textOf(type) : (json ?? textOf(type)))
  const content = types.map(type => [type, { schema: schemaOf(type) }] as const)
  return {
    description,
    ...(headers && { headers: documentedHeaders(headers) }),
    ...(content.length > 0 && { content: Object.fromEntries(content) }),
  }
}

/** Returns the schema of a body whose operation has none. */
function textOf(mediaType: string): JsonSchema {
  return mediaType === 'application/json' ? {} : { type: 'string' }
}
