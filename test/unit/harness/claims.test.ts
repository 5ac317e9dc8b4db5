import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from 'typebox'
import { afterAll, describe, expect, it } from 'vitest'
import { explanationOf, matchesSchema } from '../../../harness/claims/schema-claim.ts'
import type { StandardSchema } from '../../../harness/claims/standard-schema.ts'

const folder = mkdtempSync(join(tmpdir(), 'loadcell-schema-'))
afterAll(() => rmSync(folder, { recursive: true }))

const order = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'integer' },
    state: { enum: ['new', 'paid'] },
    at: { type: 'string', format: 'date-time' },
  },
  additionalProperties: false,
}

describe('a claim by a JSON Schema', () => {
  const claim = matchesSchema(order)

  it('holds for a value that matches, and for a response with one', () => {
    expect(claim({ id: 1, state: 'paid', at: '2026-11-29T12:00:00Z' })).toBe(true)
    expect(claim({ status: 200, json: () => ({ id: 1 }) })).toBe(true)
  })

  it.each([
    [{}, "the top must have required property 'id', and is an object"],
    [{ id: 'geheim' }, '/id must be integer, and is a string'],
    [{ id: 1, state: 'lost' }, '/state must be equal to one of the allowed values (["new","paid"]), and is a string'],
    [{ id: 1, at: 'today' }, '/at must match format "date-time"'],
    [{ id: 1, more: 2 }, 'the top must NOT have additional properties ("more")'],
    [[], 'the top must be object, and is an array of 0'],
  ])('says where the first mismatch is, without the value: %j', (value, message) => {
    expect(claim(value)).toBe(false)
    expect(claim.explain(value)).toContain(`expected a value that matches the schema, got one in which ${message}`)
    expect(claim.explain(value)).not.toContain('geheim')
  })

  it('does not hold for a response that is not JSON, and says so', () => {
    const response = {
      json() {
        throw new SyntaxError('the response of status 500 is not JSON')
      },
    }
    expect(claim(response)).toBe(false)
    expect(explanationOf(claim, response)).toBe('the response of status 500 is not JSON')
  })

  it('is compiled once', () => {
    expect(matchesSchema(order)).toBe(claim)
  })

  it.each([
    ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'string' }] }],
    ['http://json-schema.org/draft-06/schema#', { items: [{ type: 'string' }] }],
    ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'string' }] }],
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'string' }] }],
  ])('follows the dialect %s', ($schema, schema) => {
    const dialect = matchesSchema({ $schema, type: 'array', ...schema })
    expect([dialect(['a']), dialect([1])]).toEqual([true, false])
  })

  it('takes schemas of TypeBox, notes of OpenAPI, and two schemas of one id', () => {
    const typed = matchesSchema(Type.Object({ id: Type.Integer(), tag: Type.Optional(Type.String()) }))
    expect([typed({ id: 1 }), typed({ id: 'x' })]).toEqual([true, false])
    const noted = { $id: 'https://shop.test/o', type: 'object', example: {}, 'x-order': 1, nullable: true }
    expect(matchesSchema(noted)({})).toBe(true)
    expect(matchesSchema({ ...noted })({})).toBe(true)
  })

  it.each([
    [{ type: 'objekt' }, '/type must be equal to one of the allowed values'],
    [{ properties: { id: { minimum: 'x' } } }, '/properties/id/minimum must be number, and is a string'],
    [{ properties: { id: { requird: [] } } }, 'unknown keyword: "requird" at /properties/id/requird'],
    [{ $ref: '#/definitions/nothing' }, "can't resolve reference #/definitions/nothing"],
    [{ properties: { at: { format: 'datum' } } }, 'unknown format "datum" ignored in schema at path "#/properties/at"'],
    [
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      'expected a JSON Schema of draft-06, draft-07, 2019-09 or 2020-12',
    ],
    [[], "expected a JSON Schema such as { type: 'object' }, got []"],
    [null, "expected a JSON Schema such as { type: 'object' }, got null"],
  ])('is refused with the place in an invalid schema: %j', (schema, message) => {
    expect(() => matchesSchema(schema as object)).toThrow(message)
  })
})

describe('a claim by a file', () => {
  it('reads a JSON Schema, once', () => {
    const path = join(folder, 'order.json')
    writeFileSync(path, JSON.stringify(order))
    const claim = matchesSchema(path)
    writeFileSync(path, 'false')
    expect(matchesSchema(path)).toBe(claim)
    expect([claim({ id: 1 }), claim({})]).toEqual([true, false])
  })

  it('is refused with the name of the file', () => {
    const path = join(folder, 'broken.json')
    writeFileSync(path, '{')
    expect(() => matchesSchema(path)).toThrow(/broken\.json: .*JSON/)
    writeFileSync(path, '{"type":"objekt"}')
    expect(() => matchesSchema(path)).toThrow(/broken\.json: expected a valid JSON Schema/)
    expect(() => matchesSchema(join(folder, 'none.json'))).toThrow(/none\.json: cannot be read/)
  })
})

describe('a claim by a Standard Schema', () => {
  const schemaOf = (validate: StandardSchema['~standard']['validate']): StandardSchema => ({
    '~standard': { version: 1, vendor: 'test', validate },
  })

  it('names the first issue and its path', () => {
    const claim = matchesSchema(
      schemaOf(value => (value === 1 ? {} : { issues: [{ message: 'Expected 1', path: ['a', { key: 0 }] }] })),
    )
    expect(claim(1)).toBe(true)
    expect(claim(2)).toBe(false)
    expect(claim.explain(2)).toContain('/a/0: Expected 1')
  })

  it('must answer at once', () => {
    const claim = matchesSchema(schemaOf(() => Promise.resolve({})))
    expect(() => claim(1)).toThrow('expected a schema that answers at once, got one of test with asynchronous parts')
  })
})
