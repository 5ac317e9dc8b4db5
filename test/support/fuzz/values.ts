import * as fc from 'fast-check'
import type { JsonSchema } from '../../../target/openapi/specification.ts'

/** Values that fit a schema, the examples it gives among them. */
export function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { examples, anyOf, enum: choices } = schema as Keywords
  const drawn = choices
    ? fc.constantFrom(...choices)
    : anyOf
      ? fc.oneof(...anyOf.map(fitting))
      : 'const' in schema
        ? fc.constant(schema['const'])
        : ofType(schema)
  return examples === undefined ? drawn : fc.oneof(fc.constantFrom(...examples), drawn)
}

interface Keywords {
  type?: string
  enum?: unknown[]
  anyOf?: JsonSchema[]
  examples?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  patternProperties?: Record<string, JsonSchema>
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
}

/** Long texts are mostly drawn short, because the hostile values include enough long ones. */
const LONGEST = 40

function ofType(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, properties = {}, required = [], items = {}, pattern, ...bounds } = schema as Keywords
  const { minimum, maximum, minLength = 0, maxLength = LONGEST, minItems = 0, maxItems = 5 } = bounds
  switch (type ?? 'any') {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, fitting(property)])),
        { requiredKeys: required },
      )
    case 'array':
      return fc.array(fitting(items), { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 5)) })
    case 'string':
      return pattern === undefined
        ? fc.string({ unit: 'binary', minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONGEST)) })
        : fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: LONGEST })
    case 'integer':
      return fc.oneof(
        fc.integer({ min: minimum ?? -10, max: maximum ?? 6000 }),
        fc.integer({ min: minimum ?? 1, max: Math.min(maximum ?? 50, 50) }),
      )
    case 'number':
      return fc.oneof(
        fc.integer({ min: minimum ?? 0, max: maximum ?? 500 }),
        fc.double({ min: minimum ?? -1e9, max: maximum ?? 1e9, noNaN: true }),
      )
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue()
  }
}

/** Texts that break careless code: empty, long, in other scripts, with control characters, or with the syntax of other languages. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\r\nX-Injected: yes',
    '"',
    "' OR 1=1 --",
    '../../etc/passwd',
    '%00',
    '%',
    '${7*7}',
    '<script>alert(1)</script>',
    '__proto__',
    'constructor',
    'toString',
    '\u202Eabc',
    '😀'.repeat(20),
    'é\u0301',
    '\uD800',
    'NaN',
    'null',
    '-0',
    '1e309',
    '0x10',
    '9007199254740993',
    '99999999999999999999',
    '-1',
    '0',
    '1.5',
    '2026-02-30T25:61:61Z',
    'a'.repeat(3000),
  ),
  fc.string({ unit: 'binary' }),
)

/** JSON values that are invalid nearly everywhere. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, 0, -0, -1, 1.5, 1e308, 2 ** 53 + 2, -(2 ** 31), 5e-324, [], {}, [[]], [null], {
    a: {},
  }),
  fc.jsonValue({ maxDepth: 4 }),
)

/** JSON in which one value was removed, inserted or replaced. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) {
    return fc.oneof(
      hostileValue,
      hostileValue.map(other => [...(value as unknown[]), other]),
      fc.constant([]),
      ...value.map((item, at) => mutated(item).map(other => value.with(at, other))),
    )
  }
  if (typeof value !== 'object' || value === null) return hostileValue
  const entries = Object.entries(value)
  const without = entries.map(([gone]) => fc.constant(Object.fromEntries(entries.filter(([key]) => key !== gone))))
  const changed = entries.map(([key, old]) => mutated(old).map(other => ({ ...value, [key]: other })))
  const widened = fc.tuple(hostileText, hostileValue).map(([key, other]) => ({ ...value, [key]: other }))
  return fc.oneof(hostileValue, widened, ...without, ...changed)
}
