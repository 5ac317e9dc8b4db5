import { Arrow, quoted } from './expression.ts'
import { chainCode, isIdentifier, type Operand } from './layout.ts'
import { pascalCase, singular, wordsOf } from '../../../core/words.ts'
import type { Names } from './names.ts'

/** A type of a JSON value that a response is checked for. */
export type ShapeKind = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null'

/** The part of a schema that a check looks at. */
export interface BodyShape {
  /** Types of which the value has one. Empty: any. */
  kinds: readonly ShapeKind[]
  /** Required fields of an object. */
  fields: Map<string, BodyShape>
  /** Shape of the elements of an array. */
  items?: BodyShape
  /** Name of the schema. */
  title?: string
  /** The same for shapes of the same schema. */
  id?: string
}

/** Most fields that one function checks. More would hide what the scenario does. */
const MOST_FIELDS = 20

/** The functions of a file that check the bodies of responses. Equal shapes share one. */
export class Guards {
  readonly #names: Names
  readonly #byShape = new Map<string, { name: string; lines: string[] }>()
  #usesHelper = false

  constructor(names: Names) {
    this.#names = names
  }

  /** Returns a condition on the JSON body of a response, and what it says; undefined if the shape allows any value. */
  claim(shape: BodyShape, fallback: string): { meaning: string; claim: Arrow } | undefined {
    const meaning = meaningOf(shape)
    const simple =
      shape.fields.size === 0 && shape.items === undefined ? typeOperand(shape.kinds, 'response.json()') : undefined
    if (typeof simple === 'string' && meaning !== undefined) {
      this.#usesHelper ||= simple.startsWith('isObject')
      return { meaning, claim: new Arrow('response', simple) }
    }
    const guard = this.#guardOf(shape, fallback)
    if (guard === undefined || meaning === undefined) return undefined
    return { meaning, claim: new Arrow('response', `${guard}(response.json())`) }
  }

  /** Returns the functions as code, the helper last. */
  code(): string[][] {
    const functions = [...this.#byShape.values()].map(({ lines }) => lines)
    const usesHelper = this.#usesHelper || functions.some(lines => lines.some(line => line.includes('isObject(')))
    return usesHelper ? [...functions, HELPER] : functions
  }

  #guardOf(shape: BodyShape, fallback: string): string | undefined {
    const key = keyOf(shape)
    const known = this.#byShape.get(key)
    if (known !== undefined) return known.name
    if (shape.kinds.length === 0) return undefined
    const name = this.#names.claim(`is${pascalCase(shape.title ?? fallback, 'Body')}`)
    const guard = { name, lines: [] as string[] }
    // Known before its elements are looked at, which may have the same shape.
    this.#byShape.set(key, guard)
    const operands = this.#operands(shape, fallback)
    const most =
      shape.fields.size > MOST_FIELDS
        ? [`/** Checks the first ${MOST_FIELDS} of ${shape.fields.size} required fields. */`]
        : []
    guard.lines = [...most, `function ${name}(value: unknown): boolean {`, `  ${chainCode('return', operands, 2)}`, '}']
    return name
  }

  /** Returns the conditions of a whole body: its type, its fields, and the shape of its elements. */
  #operands(shape: BodyShape, fallback: string): Operand[] {
    const own = typeOperand(shape.kinds, 'value')
    if (own === undefined) return []
    if (shape.kinds.length > 1) return [own]
    if (shape.kinds[0] === 'array') return [own, ...this.#elements(shape, 'value', fallback)]
    const fields = [...shape.fields].slice(0, MOST_FIELDS).flatMap(([name, field]) => {
      const place = isIdentifier(name) ? `value.${name}` : `value[${quoted(name)}]`
      const operand = typeOperand(field.kinds, place)
      if (operand === undefined) return [`${place} !== undefined`]
      const isList = field.kinds.length === 1 && field.kinds[0] === 'array'
      return isList ? [operand, ...this.#elements(field, place, name)] : [operand]
    })
    return [own, ...fields]
  }

  #elements({ items }: BodyShape, place: string, fallback: string): Operand[] {
    if (items === undefined || items.kinds.length === 0) return []
    const [kind] = items.kinds
    if (items.kinds.length === 1 && kind === 'object') {
      return [
        items.fields.size === 0
          ? `${place}.every(isObject)`
          : `${place}.every(${this.#guardOf(items, itemName(fallback))})`,
      ]
    }
    const operand = typeOperand(items.kinds, 'item')
    return [`${place}.every(item => ${typeof operand === 'string' ? operand : operand?.join(' || ')})`]
  }
}

const HELPER = [
  'function isObject(value: unknown): value is Record<string, unknown> {',
  "  return typeof value === 'object' && value !== null && !Array.isArray(value)",
  '}',
]

/** Returns a name for the elements of a list. */
function itemName(list: string): string {
  const words = wordsOf(list)
  const item = singular(words.at(-1) ?? '')
  return item === words.at(-1) ? `${list} item` : [...words.slice(0, -1), item].join(' ')
}

function typeOperand(kinds: readonly ShapeKind[], place: string): Operand | undefined {
  const tests = kinds.map(kind => typeTest(kind, place))
  return tests.length > 1 ? tests : tests[0]
}

function typeTest(kind: ShapeKind, place: string): string {
  switch (kind) {
    case 'null':
      return `${place} === null`
    case 'array':
      return `Array.isArray(${place})`
    case 'object':
      return `isObject(${place})`
    case 'integer':
      return `Number.isInteger(${place})`
    case 'string':
    case 'number':
    case 'boolean':
      return `typeof ${place} === '${kind}'`
  }
}

function meaningOf({ kinds, fields }: BodyShape): string | undefined {
  if (kinds.length !== 1) return kinds.length === 0 ? undefined : 'body has its type'
  if (kinds[0] === 'object') return fields.size > 0 ? 'body has its fields' : 'body is an object'
  return kinds[0] === 'array' ? 'body is a list of its items' : 'body has its type'
}

/** Returns a text that is the same for shapes with the same checks. */
function keyOf(shape: BodyShape): string {
  if (shape.id !== undefined) return shape.id
  const fields = [...shape.fields].map(([name, { kinds, items }]) => [name, kinds, items && keyOf(items)])
  return JSON.stringify([shape.title, shape.kinds, fields, shape.items && keyOf(shape.items)])
}
