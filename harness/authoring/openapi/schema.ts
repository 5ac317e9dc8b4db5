import type { BodyShape, ShapeKind } from '../code/guards.ts'
import { type JsonFields, fieldsOf, isFields, listOf, textOf } from '../json-tree.ts'
import type { References } from './references.ts'

/** How deep a schema is followed. Schemas may contain themselves. */
const DEEPEST = 8
/** How deep the shape of a schema without a name is followed. */
const DEEPEST_SHAPE = 4

const KINDS: readonly ShapeKind[] = ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null']

/** A schema with its parts merged, and its name if it has one. */
interface WholeSchema {
  schema: JsonFields
  name?: string
}

/** Reads the schemas of a document. */
export class Schemas {
  readonly #references: References
  /** Shapes by reference. A schema that contains itself has a shape that does so too. */
  readonly #shapes = new Map<string, BodyShape>()
  /** Findings at each depth. Without them, schemas that name each other many times would take for ever. */
  readonly #wholes = Array.from({ length: DEEPEST + 1 }, () => new WeakMap<object, WholeSchema>())
  readonly #kinds = Array.from({ length: DEEPEST + 1 }, () => new WeakMap<object, readonly ShapeKind[]>())

  constructor(references: References) {
    this.#references = references
  }

  /** Returns a schema with its references followed and the parts of `allOf` merged into it. */
  whole(value: unknown, depth = 0): WholeSchema {
    return remembered(this.#wholes[depth]!, value, () => this.#whole(value, depth))
  }

  #whole(value: unknown, depth: number): WholeSchema {
    const { object, name } = this.#references.resolve(value)
    const parts = listOf(object['allOf'])
    if (parts.length === 0 || depth >= DEEPEST) return { schema: object, ...(name !== undefined && { name }) }
    const { allOf: _, ...own } = object
    const wholes = parts.map(part => this.whole(part, depth + 1))
    const schema = [...wholes.map(part => part.schema), own].reduce(merged, {})
    // A schema that only wraps another keeps its name.
    const [only] = wholes
    const title = name ?? (wholes.length === 1 ? only?.name : undefined)
    return { schema, ...(title !== undefined && { name: title }) }
  }

  /** Returns the types and required fields of a schema, as far as a check looks at them. */
  shape(value: unknown, depth = 0): BodyShape {
    const reference = textOf(fieldsOf(value)['$ref'])
    const known = reference === undefined ? undefined : this.#shapes.get(reference)
    if (known !== undefined) return known
    const { schema, name } = this.whole(value)
    const kinds = this.#kindsOf(schema)
    const title = name ?? textOf(schema['title'])
    const shape: BodyShape = { kinds, fields: new Map(), ...(title !== undefined && { title }) }
    if (reference !== undefined) this.#shapes.set(reference, Object.assign(shape, { id: reference }))
    if (kinds.length !== 1 || depth > DEEPEST_SHAPE) return shape
    const next = reference === undefined ? depth + 1 : 1
    if (kinds[0] === 'object')
      for (const [key, field] of this.#requiredFields(schema, next)) shape.fields.set(key, field)
    if (kinds[0] === 'array' && schema['items'] !== undefined) shape.items = this.shape(schema['items'], next)
    return shape
  }

  #requiredFields(schema: JsonFields, depth: number): [string, BodyShape][] {
    const properties = fieldsOf(schema['properties'])
    const names = listOf(schema['required']).filter(name => typeof name === 'string')
    // A response leaves out members that are only written, such as a password.
    const returned = names.filter(name => this.whole(properties[name]).schema['writeOnly'] !== true)
    return returned.map(name => [name, this.shape(properties[name], depth)])
  }

  #kindsOf(schema: JsonFields, depth = 0): ShapeKind[] {
    const alternatives = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])]
    const kinds = new Set<ShapeKind>(declaredKinds(schema))
    if (kinds.size === 0 && alternatives.length > 0 && depth < DEEPEST) {
      const each = alternatives.map(alternative =>
        remembered(this.#kinds[depth]!, alternative, () => this.#kindsOf(this.whole(alternative).schema, depth + 1)),
      )
      if (each.every(({ length }) => length > 0)) for (const kind of each.flat()) kinds.add(kind)
    }
    if (kinds.size > 0 && schema['nullable'] === true) kinds.add('null')
    if (kinds.has('number')) kinds.delete('integer')
    return KINDS.filter(kind => kinds.has(kind))
  }
}

/** Returns what is known of a value, or finds it out. */
function remembered<T>(known: WeakMap<object, T>, value: unknown, find: () => T): T {
  if (typeof value !== 'object' || value === null) return find()
  const found = known.get(value) ?? find()
  known.set(value, found)
  return found
}

function declaredKinds(schema: JsonFields): ShapeKind[] {
  const declared = [schema['type']].flat().filter(type => KINDS.includes(type as ShapeKind)) as ShapeKind[]
  if (declared.length > 0) return declared
  const values = schema['const'] !== undefined ? [schema['const']] : listOf(schema['enum'])
  if (values.length > 0 && values.every(value => typeof value === 'string')) return ['string']
  if (isFields(schema['properties'])) return ['object']
  return schema['items'] !== undefined && isFields(schema['items']) ? ['array'] : []
}

function merged(left: JsonFields, right: JsonFields): JsonFields {
  const properties = { ...fieldsOf(left['properties']), ...fieldsOf(right['properties']) }
  const required = [...new Set([...listOf(left['required']), ...listOf(right['required'])])]
  return {
    ...left,
    ...right,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  }
}
