import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { checker } from '../../../../core/check.ts'
import { Configuration } from '../../../../target/configuration/configuration.ts'
import { openApiDocument } from '../../../../target/openapi/document.ts'
import type { DocumentedOperation, Parameter, DocumentedResponse } from '../../../../target/openapi/specification.ts'
import type { Operation } from '../../../../contract/api/operation.ts'
import { operations } from '../../../../contract/api/operations.ts'
import { problems } from '../../../../contract/problem.ts'

const text = JSON.stringify(openApiDocument('1.2.3'))
const document = JSON.parse(text) as ReturnType<typeof openApiDocument>
const known = Object.entries<Operation>(operations)

function documented({ path, method }: Operation): DocumentedOperation {
  return document.paths[path]?.[method.toLowerCase() as 'get'] as DocumentedOperation
}

function resolve(node: unknown): unknown {
  const { $ref } = node as { $ref?: string }
  if ($ref === undefined) return node
  return $ref
    .split('/')
    .slice(1)
    .reduce((at, key) => (at as Record<string, unknown>)[key], document as unknown)
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    expect(await validator.validate(JSON.parse(text) as Record<string, unknown>)).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('fails validation with an error in it', async () => {
    const broken = JSON.parse(text) as typeof document
    ;(broken.paths['/healthz']!.get as { responses?: unknown }).responses = 'none'
    expect(await new Validator().validate(broken as unknown as Record<string, unknown>)).toMatchObject({ valid: false })
  })

  it('has every operation once, under its name', () => {
    const names = Object.values(document.paths).flatMap(item => Object.values(item).map(it => it.operationId))
    expect(names.toSorted()).toEqual(Object.keys(operations).toSorted())
    for (const [name, operation] of known) expect(documented(operation).operationId).toBe(name)
  })

  it('refers only to schemas that it has, and has none without a reference', () => {
    const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(match => match[1] as string))
    for (const reference of references) expect(resolve({ $ref: reference }), reference).toBeDefined()
    for (const kind of ['schemas', 'parameters', 'responses', 'examples'] as const) {
      const there = Object.keys(document.components[kind]).map(name => `#/components/${kind}/${name}`)
      expect(there.filter(reference => !references.has(reference))).toEqual([])
    }
  })

  it('repeats nothing: a named schema is defined in one place', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(text.split(JSON.stringify(schema)).length - 1, name).toBe(1)
    }
  })

  it('holds JSON Schema only', () => {
    expect(text).not.toMatch(/"(expected|~kind|~optional)":/)
  })

  it('describes every tag that is used, and no other', () => {
    expect(document.tags.map(({ name }) => name)).toEqual([...new Set(known.map(([, { tag }]) => tag))])
  })

  it.each(known)('documents everything for %s', (_, operation) => {
    const { parameters, responses, requestBody, security } = documented(operation)
    const named = (place: string) =>
      parameters
        .map(parameter => resolve(parameter) as Parameter)
        .filter(parameter => parameter.in === place)
        .map(({ name }) => name)
    expect(named('path')).toEqual([...operation.path.matchAll(/\{(\w+)\}/g)].map(match => match[1]))
    expect(named('query')).toEqual(Object.keys(operation.query?.properties ?? {}))
    expect(named('header')).toEqual(expect.arrayContaining(Object.keys(operation.headers?.properties ?? {})))
    expect(requestBody !== undefined).toBe(operation.body !== undefined)

    expect(Object.keys(responses)).toEqual(expect.arrayContaining(Object.keys(operation.answers)))
    for (const code of operation.problems) {
      const { content } = resolve(responses[problems[code].status]) as DocumentedResponse
      expect(
        JSON.stringify(
          content?.[operation.refusals === undefined ? 'application/problem+json' : 'application/json']?.schema,
        ),
      ).toContain(`"${code}"`)
    }

    const { access } = operation
    expect(security.length > 0).toBe(access.kind !== 'public')
    expect(security.some(scheme => Object.keys(scheme).length === 0)).toBe(access.kind === 'guest')
    expect('401' in responses).toBe(access.kind !== 'public' || '401' in operation.answers || refuses(operation, 401))
    expect('403' in responses).toBe(access.kind === 'bearer' && access.scope !== undefined)
    expect('415' in responses).toBe(operation.method !== 'GET')
  })

  it.each(known)('has examples for %s that fit', (_, { body, parameters, query }) => {
    for (const example of Object.values(body?.examples ?? {})) expect(checker(body!.schema).errors(example)).toEqual([])
    for (const schema of [parameters, query].flatMap(part => Object.values(part?.properties ?? {}))) {
      const { examples = [] } = schema as { examples?: unknown[] }
      for (const example of examples) expect(checker(schema).errors(example)).toEqual([])
    }
  })

  it('knows every scope that an operation takes or a client has by default', () => {
    const { oauth2 } = document.components.securitySchemes as { oauth2: { flows: Record<string, { scopes: object }> } }
    const { clients, userScopes } = Configuration.properties.auth.properties as Record<string, { default?: unknown }>
    const taken = known.flatMap(([, { access }]) => (access.kind === 'bearer' ? (access.scope ?? []) : []))
    const held = (clients!.default as { scopes: string[] }[]).flatMap(({ scopes }) => scopes)
    const scopesOfAll = new Set([...taken, ...held, ...(userScopes!.default as string[])])
    for (const { scopes } of Object.values(oauth2.flows)) {
      expect(Object.keys(scopes).toSorted()).toEqual([...scopesOfAll].toSorted())
    }
  })

  it('documents the access of each operation', () => {
    const { description, version } = document.info
    expect(version).toBe('1.2.3')
    for (const word of ['reporting-secret', 'qa.user1@example.com', 'testpass123', 'loadtest+<digits>@example.com']) {
      expect(description).toContain(word)
    }
  })
})

function refuses(operation: Operation, status: number): boolean {
  return operation.problems.some(code => problems[code].status === status)
}
