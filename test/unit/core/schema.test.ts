import { Type as TypeBox } from 'typebox'
import { expect, it } from 'vitest'
import { Type } from '../../../core/schema.ts'

type Builder = typeof Type

const schemas = {
  'values of one type': (type: Builder) => [
    type.Boolean({ default: true }),
    type.Integer({ minimum: 1 }),
    type.Null(),
    type.Number({ maximum: 0.5 }),
    type.String({ pattern: '^a' }),
    type.Unknown({ description: 'anything' }),
  ],
  'fixed values': (type: Builder) => [type.Literal('a'), type.Literal(1), type.Literal(true), type.Enum(['a', 'b', 3])],
  arrays: (type: Builder) => type.Array(type.Integer(), { minItems: 1 }),
  unions: (type: Builder) => type.Union([type.String(), type.Array(type.Null())], { description: 'either' }),
  'records with any key': (type: Builder) => type.Record(type.String(), type.Integer()),
  'records with keys of a pattern': (type: Builder) =>
    type.Record(type.String({ pattern: '^p\\d+$' }), type.Unknown(), { additionalProperties: false }),
  'objects without required members': (type: Builder) => type.Object({ a: type.Optional(type.String()) }),
  'objects with required and optional members': (type: Builder) =>
    type.Object(
      { a: type.String(), b: type.Optional(type.Object({ c: type.Null() })), c: type.Unsafe<1>(type.Integer()) },
      { additionalProperties: false },
    ),
  'schemas that are optional in one place only': (type: Builder) => {
    const name = type.String()
    return [type.Object({ name: type.Optional(name) }), type.Object({ name })]
  },
}

it.each(Object.entries(schemas))('builds the same schemas as TypeBox: %s', (_, build) => {
  expect(JSON.stringify(build(Type))).toBe(JSON.stringify(build(TypeBox)))
})
