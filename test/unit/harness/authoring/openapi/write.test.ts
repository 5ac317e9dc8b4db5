import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonFields } from '../../../../../harness/authoring/json-tree.ts'
import { scenariosFromOpenApi } from '../../../../../harness/authoring/openapi/write.ts'
import type { RequestSelection } from '../../../../../harness/authoring/selection.ts'
import { UnusableSource } from '../../../../../harness/authoring/unusable-source.ts'
import { openApiDocument } from '../../../../../target/openapi/document.ts'
import { formatErrors } from '../../../../support/format-errors.ts'

const everything = { only: [], tags: [] }

/** Returns a document with these paths. */
const documentOf = (paths: object, more: object = {}): JsonFields => ({
  openapi: '3.0.3',
  info: { title: 'Shop', version: '1' },
  paths,
  ...more,
})

/** Returns the only file that is written from these paths. */
function written(paths: object, more: object = {}, selection: RequestSelection = everything): string {
  const { files } = scenariosFromOpenApi(documentOf(paths, more), 'shop', selection)
  expect([...files.keys()]).toEqual(['shop.ts'])
  return files.get('shop.ts')!
}

const ok = { 200: { description: 'fine' } }
const json = (schema: object) => ({ 200: { description: 'fine', content: { 'application/json': { schema } } } })

function refusal(document: object, selection: RequestSelection = everything): string {
  try {
    scenariosFromOpenApi(document as JsonFields, 'shop', selection)
  } catch (error) {
    if (error instanceof UnusableSource) return `${error.message} / ${error.nextStep}`
    throw error
  }
  return 'accepted'
}

describe('a scenario from an OpenAPI document', () => {
  it('sends values in the place and style that the document demands', () => {
    const parameter = (name: string, place: string, more: object) => ({ name, in: place, required: true, ...more })
    const text = written({
      '/shops/{shop}/items': {
        parameters: [parameter('shop', 'path', { example: 'in the town' })],
        get: {
          responses: ok,
          parameters: [
            parameter('ids', 'query', { schema: { type: 'array', items: { type: 'integer' }, minItems: 2 } }),
            parameter('tags', 'query', { explode: false, example: ['a', 'b'] }),
            parameter('filter', 'query', { style: 'deepObject', example: { color: 'red' } }),
            parameter('sort', 'query', { schema: { enum: ['price', 'name'] } }),
            parameter('X-Region', 'header', { schema: { type: 'string', default: 'eu' } }),
            parameter('Idempotency-Key', 'header', { schema: { type: 'string' } }),
            parameter('Accept', 'header', { example: 'ignored' }),
            parameter('none', 'query', { example: null }),
            parameter('login', 'query', {
              style: 'deepObject',
              example: { by: { user: 'alice', password: 'hunter2' } },
            }),
            { name: 'page', in: 'query' },
          ],
        },
      },
    })
    expect(text).toContain("http.get('/shops/in%20the%20town/items', {")
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "query: { ids: [1, 1], tags: 'a,b', 'filter[color]': 'red', sort: 'price', none: '', 'login[by]': JSON.stringify({ user: user2, password }), },",
    )
    expect(text).toContain("headers: { 'X-Region': 'eu', 'Idempotency-Key': fake.id() }")
    expect(text).toContain('async run({ http, fake, check })')
    expect(text).toContain('// Optional in the query: page.')
    expect(text).not.toContain('ignored')
  })

  it('makes bodies from examples, else from schemas: required fields, formats, bounds, alternatives', () => {
    const body = (content: object) => ({ post: { requestBody: { required: true, content }, responses: ok } })
    const schema = {
      type: 'object',
      required: ['name', 'price', 'kind', 'when', 'count', 'owner'],
      properties: {
        id: { type: 'integer', readOnly: true },
        name: { type: 'string', minLength: 6 },
        price: { type: 'number', minimum: 2, exclusiveMinimum: true },
        kind: { const: 'chair' },
        when: { type: 'string', format: 'date-time' },
        count: { type: ['null', 'integer'], exclusiveMinimum: 4 },
        owner: { $ref: '#/components/schemas/Owner' },
        note: { type: 'string' },
      },
    }
    const text = written(
      {
        '/made': body({ 'application/json': { schema } }),
        '/given': body({ 'application/json': { examples: { one: { $ref: '#/components/examples/one' } } } }),
        '/form': body({ 'application/x-www-form-urlencoded': { example: { a: 1, b: ['x', 'y'] } } }),
        '/text': body({ 'text/csv': { example: 'a,b' } }),
        '/merge': body({ 'application/merge-patch+json': { example: { a: null } } }),
      },
      {
        components: {
          examples: { one: { value: { size: 3 } } },
          schemas: {
            Owner: {
              discriminator: { propertyName: 'type', mapping: { person: '#/components/schemas/Person' } },
              oneOf: [{ $ref: '#/components/schemas/Person' }],
            },
            Person: {
              allOf: [
                { required: ['first'], properties: { first: { type: 'string' } } },
                { required: ['age'], properties: { age: { type: 'integer' } } },
              ],
            },
          },
        },
      },
    )
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "json: { name: 'textxx', price: 2.5, kind: 'chair', when: '2026-01-31T12:00:00Z', count: 5, owner: { first: 'text', age: 1, type: 'person' }, }",
    )
    expect(text).toContain("http.post('/given', { json: { size: 3 } })")
    expect(text).toContain("http.post('/form', { form: { a: 1, b: ['x', 'y'] } })")
    expect(text).toContain("http.post('/text', { body: 'a,b', headers: { 'Content-Type': 'text/csv' } })")
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "json: { a: null }, headers: { 'Content-Type': 'application/merge-patch+json' }",
    )
  })

  it('checks the documented status, and the required fields of the body with their types', () => {
    const text = written(
      {
        '/tree': { get: { responses: json({ $ref: '#/components/schemas/Node' }) } },
        '/many': { get: { responses: { 202: ok[200], 200: ok[200], 404: ok[200] } } },
      },
      {
        components: {
          schemas: {
            Node: {
              type: 'object',
              required: ['id', 'label', 'x-y', 'children', 'size', 'any', 'secret'],
              properties: {
                id: { type: 'integer' },
                label: { type: 'string', nullable: true },
                'x-y': { type: 'boolean' },
                children: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
                size: { oneOf: [{ type: 'number' }, { type: 'string' }] },
                any: {},
                secret: { type: 'string', writeOnly: true },
                optional: { type: 'string' },
              },
            },
          },
        },
      },
    )
    expect(text).toContain("'GET /tree: status is 200': ({ status }) => status === 200")
    expect(text).toContain("'GET /many: status is 200 or 202': ({ status }) => status === 200 || status === 202")
    expect(text).toContain(`function isNode(value: unknown): boolean {
  return (
    isObject(value) &&
    Number.isInteger(value.id) &&
    (typeof value.label === 'string' || value.label === null) &&
    typeof value['x-y'] === 'boolean' &&
    Array.isArray(value.children) &&
    value.children.every(isNode) &&
    (typeof value.size === 'string' || typeof value.size === 'number') &&
    value.any !== undefined
  )
}`)
  })

  it('creates what it reads, changes and deletes, and deletes nothing else', () => {
    const id = [{ name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } }]
    const order = json({ type: 'object', required: ['id'], properties: { id: { type: 'integer' } } })
    const paths = {
      '/orders': { post: { responses: { 201: order[200] } } },
      '/orders/{orderId}': { parameters: id, delete: { responses: { 204: ok[200] } }, get: { responses: order } },
      '/carts/{cart}': {
        parameters: [{ name: 'cart', in: 'path', required: true, example: 1 }],
        delete: { responses: ok },
      },
      '/auth/logout': { post: { responses: ok } },
    }
    const text = written(paths)
    expect(text).toContain("'order: create, read, delete': {")
    expect(text).toContain("const orderId = valueOf(newOrder, 'id')")
    expect(text.indexOf('http.get(`/orders/${orderId}`')).toBeLessThan(text.indexOf('http.delete(`/orders/${orderId}`'))
    expect(text).toContain('Left out: DELETE /carts/{cart}, POST /auth/logout.')
    expect(written(paths, {}, { only: ['DELETE *'], tags: [] })).toContain("http.delete('/carts/1'")
  })

  it('reads things whose ids are unknown from the list of them', () => {
    const page = json({
      type: 'object',
      properties: { items: { type: 'array', items: { properties: { id: { type: 'string' } } } } },
    })
    const text = written({
      '/books': { get: { responses: page } },
      '/books/{id}': {
        get: { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }], responses: ok },
      },
    })
    expect(text).toContain("'books: list, read': {")
    expect(text).toContain("const bookId = valueOf(books, 'items.0.id')")
  })

  it('takes every secret from an environment variable, and says how to give it', () => {
    const schemes = {
      token: { type: 'http', scheme: 'bearer' },
      basic: { type: 'http', scheme: 'basic' },
      header: { type: 'apiKey', in: 'header', name: 'X-Shop-Key' },
      query: { type: 'apiKey', in: 'query', name: 'key' },
      cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
      client: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } } },
      tls: { type: 'mutualTLS' },
    }
    const get = (security: object[]) => ({ get: { security, responses: ok } })
    const paths = {
      '/a': get([{ tls: [] }, { token: [] }]),
      '/b': get([{ header: [] }]),
      '/c': get([{ query: [] }]),
      '/d': get([{ cookie: [] }]),
      '/e': get([{}, { basic: [] }]),
      '/f': {
        post: {
          requestBody: {
            content: {
              'application/json': {
                example: { user: 'alice', password: 'hunter2', apiKey: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' },
              },
            },
          },
          responses: ok,
        },
      },
    }
    const text = written(paths, { components: { securitySchemes: schemes } })
    expect(text).toContain('begin: ({ auth }) => auth.bearer(accessToken),')
    expect(text).toContain("const accessToken = environment('SHOP_ACCESS_TOKEN')")
    expect(text).toContain("http.get('/b', { headers: { 'X-Shop-Key': xShopKey } })")
    expect(text).toContain("http.get('/c', { query: { key } })")
    expect(text).toContain("http.get('/d', { headers: { Cookie: `sid=${sid}` } })")
    expect(text).toContain("http.get('/e')")
    expect(text).toContain('json: { user: user2, password, apiKey }')
    expect(text).not.toMatch(/alice|hunter2|sk_live|Basic/)
    const client = written(
      { '/a': get([{ client: ['read', 'write'] }]), '/b': get([{ basic: [] }]) },
      { components: { securitySchemes: schemes } },
    )
    expect(client).toContain("auth.clientCredentials(oauthClientId, oauthClientSecret, 'read write')")
    expect(client).toContain('https://user:password@host')
  })

  it('follows streams for a while, and leaves WebSockets and files to the reader', () => {
    const text = written({
      '/events': { get: { responses: { 200: { description: '', content: { 'text/event-stream': {} } } } } },
      '/socket': { get: { responses: { 101: { description: '' } } } },
      '/upload': { post: { requestBody: { required: true, content: { 'multipart/form-data': {} } }, responses: ok } },
    })
    expect(text).toContain("const stream = sse.open('/events', { events: 10, until: '5s' })")
    expect(text).toContain('Left out: GET /socket, POST /upload.')
  })

  it('names a server of others in its comment only', () => {
    const server = (url: string) =>
      scenariosFromOpenApi(
        documentOf({ '/a': { get: { responses: ok } } }, { servers: [{ url, variables: { v: { default: 'v2' } } }] }),
        'shop',
        everything,
      )
    const foreign = server('https://bob:hunter2@api.example.com/{v}')
    expect(foreign.target).toBe('http://127.0.0.1:8080/v2')
    expect(foreign.files.get('shop.ts')).toContain('https://***@api.example.com/v2')
    expect(foreign.files.get('shop.ts')).not.toContain('hunter2')
    expect(server('http://localhost:3000/{v}').target).toBe('http://localhost:3000/v2')
    expect(server('/api').target).toBe('http://127.0.0.1:8080/api')
  })

  it('splits a large document by tag, and a large tag into parts', () => {
    const paths = Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => [
        `/things${at}`,
        { get: { tags: [at < 90 ? 'Big Tag' : 'small'], responses: ok } },
      ]),
    )
    const { files, summary } = scenariosFromOpenApi(documentOf(paths), 'shop', everything)
    expect([...files.keys()]).toEqual(['shop-big-tag.ts', 'shop-big-tag-2.ts', 'shop-big-tag-3.ts', 'shop-small.ts'])
    expect(summary).toBe('120 of 120 operations of Shop 1')
    expect([...files.values()].join('').match(/await http\.get/g)).toHaveLength(120)
    // A tag of which nothing can be sent has no file.
    const sockets = { '/live': { get: { tags: ['live'], responses: { 101: { description: '' } } } } }
    const more = scenariosFromOpenApi(documentOf({ ...paths, ...sockets }), 'shop', everything)
    expect([...more.files.keys()]).toEqual([...files.keys()])
    const chosen = scenariosFromOpenApi(documentOf(paths), 'shop', { only: ['/things1*'], tags: ['small'] })
    expect(chosen.summary).toBe('20 of 20 operations of Shop 1')
  })

  it('is written as the formatter would, for the document of the reference target', () => {
    const { files } = scenariosFromOpenApi(openApiDocument('1') as unknown as JsonFields, 'target', everything)
    expect(formatErrors(files)).toBe('')
  })

  it('holds nothing but what a person would read, whatever the document says', () => {
    const evil = fc.string({
      unit: fc.constantFrom('*/', '`', '${', "'", '"', '\\', '\n', '\u2028', '//', 'x', '.', ' ', '{', '}'),
    })
    const samples = fc.sample(fc.tuple(evil, evil, evil), { seed: 3, numRuns: 60 })
    const files = samples.map(([title, path, value], at) => {
      const operation = {
        summary: title,
        tags: [path],
        parameters: [{ name: value, in: 'query', required: true, example: value }],
        requestBody: { content: { 'application/json': { example: { [value]: path } } } },
        responses: json({ type: 'object', required: [value], properties: { [value]: { type: 'string' } } }),
      }
      const document = {
        ...documentOf({ [`/${path.replaceAll(/[{}]/g, '')}`]: { post: operation } }),
        info: { title, version: value },
      }
      return [`file${at}.ts`, scenariosFromOpenApi(document, 'shop', everything).files.get('shop.ts')!] as const
    })
    expect(formatErrors(files)).toBe('')
    for (const [, text] of files) expect(text.split('\n').filter(line => /^(import|export)/.test(line))).toHaveLength(2)
  })

  it.each<[string, object, RegExp]>([
    ['Swagger 2.0', { swagger: '2.0', paths: {} }, /got Swagger 2\.0 .*swagger2openapi/],
    ['a version of the future', { openapi: '4.0.0', paths: {} }, /expected .* 3\.0 or 3\.1, got 4\.0\.0/],
    ['a version that is no text', { openapi: { a: 1 }, paths: {} }, /expected .* 3\.0 or 3\.1/],
    ['no paths', documentOf({}), /describes no operations/],
    ['only webhooks', { openapi: '3.1.0', webhooks: {} }, /only webhooks/],
    [
      'a reference to a file',
      documentOf({ '/a': { $ref: 'other.yaml#/a' } }),
      /another file or host \("other\.yaml#\/a"\).*redocly/,
    ],
    [
      'a reference to a host, with a password',
      documentOf({ '/a': { get: { parameters: [{ $ref: 'https://bob:hunter2@host/p' }], responses: ok } } }),
      /another file or host \("https:\/\/\*\*\*@host\/p"\)/,
    ],
    [
      'a reference to nothing',
      documentOf({ '/a': { get: { responses: json({ $ref: '#/components/schemas/No' }) } } }),
      /"#\/components\/schemas\/No", which it does not have/,
    ],
    [
      'references in a circle',
      documentOf(
        { '/a': { get: { responses: json({ $ref: '#/components/schemas/A' }) } } },
        { components: { schemas: { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } } } },
      ),
      /leads in a circle to itself/,
    ],
    ['a reference to the prototype', documentOf({ '/a': { $ref: '#/__proto__/x' } }), /which it does not have/],
    [
      'only what cannot be sent',
      documentOf({ '/a': { get: { responses: { 101: { description: '' } } } } }),
      /none of the 1 operations can be sent\. .*WebSocket/,
    ],
  ])('refuses %s', (_name, document, message) => {
    expect(refusal(document)).toMatch(message)
    expect(refusal(document)).not.toContain('hunter2')
  })

  it('takes schemas that name each other many times, in a moment and in a short file', () => {
    const letters = 'abcdefghij'.split('')
    const wide = (next: object) => ({
      type: 'object',
      required: letters,
      properties: Object.fromEntries(letters.map(letter => [letter, next])),
    })
    const named = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const post = (name: string) => ({
      post: {
        requestBody: { content: { 'application/json': { schema: named(name) } } },
        responses: json(named(name)),
      },
    })
    const schemas = {
      Wide: wide(named('Wide')),
      Lists: { type: 'array', minItems: 20, items: named('Lists') },
      Given: { type: 'array', minItems: 20, items: wide({ example: Array(100).fill('x') }) },
      All: { type: 'object', allOf: Array.from({ length: 10 }, () => named('All')) },
      Any: { anyOf: Array.from({ length: 10 }, () => ({ allOf: [named('Any'), named('All')] })) },
    }
    const paths = Object.fromEntries(Object.keys(schemas).map(name => [`/${name.toLowerCase()}`, post(name)]))
    const text = written(paths, { components: { schemas } })
    expect(text).toContain("http.post('/any'")
    expect(text.length).toBeLessThan(300_000)
  })

  it('takes a schema that contains itself, in bodies as well', () => {
    const node = {
      type: 'object',
      required: ['child'],
      properties: { child: { $ref: '#/components/schemas/Node' }, id: { type: 'integer' } },
    }
    const all = { allOf: [{ $ref: '#/components/schemas/All' }] }
    const text = written(
      {
        '/nodes': {
          post: {
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } } },
            responses: ok,
          },
        },
        '/all': { get: { responses: json({ $ref: '#/components/schemas/All' }) } },
      },
      { components: { schemas: { Node: node, All: all } } },
    )
    expect(text.length).toBeLessThan(4000)
  })

  it('names the tags and requests that there are, when a selection fits none', () => {
    const document = documentOf({ '/a': { get: { tags: ['Alpha'], responses: ok } } })
    expect(refusal(document, { only: [], tags: ['Alpah'] })).toMatch(
      /no tag "Alpah"; did you mean "Alpha"\? \/ The tags are: Alpha\./,
    )
    expect(refusal(document, { only: ['POST /a'], tags: [] })).toMatch(
      /no request fits "POST \/a" \/ There are: GET \/a\./,
    )
  })
})
