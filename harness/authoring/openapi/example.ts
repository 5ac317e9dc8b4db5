import { type JsonFields, fieldsOf, isFields, listOf } from '../json-tree.ts'
import type { References } from './references.ts'
import type { Schemas } from './schema.ts'

/** How deep values are made. Deeper optional parts are left out. */
const DEEPEST = 6
/** Most optional fields that an object without required ones is given. */
const MOST_OPTIONAL = 10
const LONGEST_TEXT = 200
/** Most values within one example. Schemas that nest lists or wide objects would make millions. */
const MOST_VALUES = 1000

/** A value for a parameter or body, and whether the document gives it or only its schema was known. */
export interface ExampleValue {
  value: unknown
  isGiven: boolean
}

/** Makes values for requests: from examples, defaults, and else from schemas. */
export class Examples {
  readonly #schemas: Schemas
  readonly #references: References
  /** How many more values the example may have. */
  #left = 0

  constructor(schemas: Schemas, references: References) {
    this.#schemas = schemas
    this.#references = references
  }

  /** Returns a value for a parameter, or for a media type of a body: both may have examples beside their schema. */
  of(holder: JsonFields): ExampleValue {
    if (holder['example'] !== undefined) return { value: holder['example'], isGiven: true }
    for (const example of Object.values(fieldsOf(holder['examples']))) {
      const { object } = this.#references.resolve(example)
      if (object['value'] !== undefined) return { value: object['value'], isGiven: true }
    }
    const { schema } = this.#schemas.whole(holder['schema'])
    const given = givenValue(schema)
    if (given !== undefined) return { value: given, isGiven: true }
    this.#left = MOST_VALUES
    return { value: this.#made(holder['schema'], 0), isGiven: false }
  }

  /** Returns undefined where nothing can be made, as for an optional field of a schema that contains itself. */
  #made(value: unknown, depth: number): unknown {
    if (this.#left <= 0) return undefined
    this.#left -= 1
    const { schema } = this.#schemas.whole(value)
    const given = givenValue(schema)
    if (given !== undefined) {
      this.#left -= countWithin(given)
      return given
    }
    const [alternative] = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])]
    if (alternative !== undefined && depth < DEEPEST) return this.#alternative(schema, alternative, depth)
    const type = [schema['type']].flat().find(each => each !== 'null')
    if (type === 'object' || (type === undefined && isFields(schema['properties']))) return this.#object(schema, depth)
    if (type === 'array') return this.#list(schema, depth)
    if (type === 'integer' || type === 'number') return numberFor(schema, type)
    if (type === 'boolean') return true
    return type === 'string' ? textFor(schema) : undefined
  }

  /** Returns a value of the first alternative, which its discriminator names. */
  #alternative(schema: JsonFields, alternative: unknown, depth: number): unknown {
    const made = this.#made(alternative, depth + 1)
    if (!isFields(made)) return made
    const own = isFields(schema['properties']) ? fieldsOf(this.#object(schema, depth)) : {}
    const { propertyName, mapping } = fieldsOf(schema['discriminator'])
    if (typeof propertyName !== 'string') return { ...own, ...made }
    const reference = fieldsOf(alternative)['$ref']
    const named = Object.entries(fieldsOf(mapping)).find(([, target]) => target === reference)?.[0]
    const kind = named ?? (typeof reference === 'string' ? reference.split('/').at(-1) : undefined)
    return { ...own, ...made, ...(kind !== undefined && { [propertyName]: kind }) }
  }

  #object(schema: JsonFields, depth: number): object {
    const required = new Set(listOf(schema['required']))
    const properties = Object.entries(fieldsOf(schema['properties'])).filter(
      ([, property]) => this.#schemas.whole(property).schema['readOnly'] !== true,
    )
    const wanted = properties.some(([name]) => required.has(name))
      ? properties.filter(([name]) => required.has(name))
      : properties.slice(0, depth === 0 ? MOST_OPTIONAL : 3)
    if (depth >= DEEPEST) return {}
    const fields = wanted.map(([name, property]) => [name, this.#made(property, depth + 1)] as const)
    return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
  }

  #list(schema: JsonFields, depth: number): unknown[] {
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 1
    if (depth >= DEEPEST) return []
    const before = this.#left
    const item = this.#made(schema['items'], depth + 1)
    if (item === undefined) return []
    const size = before - this.#left
    const length = Math.min(Math.max(least, 0), 20, 1 + Math.floor(Math.max(this.#left, 0) / size))
    this.#left -= size * Math.max(length - 1, 0)
    return Array.from({ length }, () => item)
  }
}

/** Returns the number of values within this one. */
function countWithin(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((count: number, item) => count + 1 + countWithin(item), 0)
}

/** Returns the value that a schema itself names. */
function givenValue(schema: JsonFields): unknown {
  const first = listOf(schema['examples'])[0] ?? listOf(schema['enum']).find(value => value !== null)
  return schema['example'] ?? schema['const'] ?? schema['default'] ?? first
}

function numberFor(schema: JsonFields, type: 'integer' | 'number'): number {
  const bound = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined)
  const step = bound('multipleOf') ?? (type === 'integer' ? 1 : 0.5)
  // In OpenAPI 3.0, exclusive bounds are flags beside the inclusive ones.
  const above = bound('exclusiveMinimum') ?? (schema['exclusiveMinimum'] === true ? bound('minimum') : undefined)
  const below = bound('exclusiveMaximum') ?? (schema['exclusiveMaximum'] === true ? bound('maximum') : undefined)
  const least = above === undefined ? bound('minimum') : above + step
  const most = below === undefined ? bound('maximum') : below - step
  const wanted = Math.max(1, least ?? 1)
  const rounded = step > 0 ? Math.ceil(wanted / step) * step : wanted
  return most !== undefined && rounded > most ? most : rounded
}

const TEXT_OF_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'someone@example.com',
  'idn-email': 'someone@example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  'uri-reference': '/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  byte: 'dGV4dA==',
  binary: 'text',
}

function textFor(schema: JsonFields): string {
  const known = typeof schema['format'] === 'string' ? TEXT_OF_FORMAT[schema['format']] : undefined
  if (known !== undefined) return known
  const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0
  const most = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : LONGEST_TEXT
  const text = 'text'.padEnd(Math.min(Math.max(least, 0), LONGEST_TEXT), 'x')
  return text.slice(0, Math.max(most, 0))
}
