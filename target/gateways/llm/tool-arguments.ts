import { type Random, randomInteger } from '../../../core/random.ts'
import { drawnWord } from './prose.ts'

type Schema = Record<string, unknown>

const MOST_LEVELS = 5
const MOST_PROPERTIES = 32
const LARGEST_NUMBER = 100

/** Returns arguments for a function that fit the JSON Schema of its parameters, as far as it uses types, enums and consts. */
export function drawnArguments(parameters: unknown, random: Random): string {
  const drawn = isSchema(parameters) ? valueFor({ type: 'object', ...parameters }, random, 0) : {}
  return JSON.stringify(drawn)
}

function valueFor(schema: Schema, random: Random, level: number): unknown {
  const { const: constant, enum: values, anyOf, type } = schema
  if (constant !== undefined) return constant
  if (Array.isArray(values) && values.length > 0) return values[randomInteger(random, values.length)] as unknown
  if (Array.isArray(anyOf) && isSchema(anyOf[0]) && level < MOST_LEVELS) return valueFor(anyOf[0], random, level + 1)
  const name: unknown = Array.isArray(type) ? type[0] : type
  switch (name) {
    case 'object':
      return level < MOST_LEVELS ? objectFor(schema, random, level) : {}
    case 'array':
      return level < MOST_LEVELS && isSchema(schema['items']) ? [valueFor(schema['items'], random, level + 1)] : []
    case 'integer':
    case 'number':
      return numberFor(schema, random)
    case 'boolean':
      return random.next() < 0.5
    case 'null':
      return null
    default:
      return drawnWord(random)
  }
}

function objectFor({ properties }: Schema, random: Random, level: number): Record<string, unknown> {
  if (!isSchema(properties)) return {}
  return Object.fromEntries(
    Object.entries(properties)
      .slice(0, MOST_PROPERTIES)
      .map(([name, schema]) => [name, valueFor(isSchema(schema) ? schema : {}, random, level + 1)]),
  )
}

function numberFor({ minimum, maximum }: Schema, random: Random): number {
  const least = typeof minimum === 'number' && Number.isFinite(minimum) ? Math.ceil(minimum) : 0
  const most = typeof maximum === 'number' && Number.isFinite(maximum) ? Math.floor(maximum) : least + LARGEST_NUMBER
  return most <= least ? least : least + randomInteger(random, most - least + 1)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
