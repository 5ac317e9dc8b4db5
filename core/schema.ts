import type { TSchema, Type as TypeBox } from 'typebox'

type Options = Record<string, unknown>
type Builder = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>

/** Optional schemas; objects do not require them. */
const optional = new WeakSet<object>()

function markedOptional(schema: TSchema): TSchema {
  const copy = { ...schema }
  optional.add(copy)
  return copy
}

function objectOf(properties: Record<string, object>, options?: Options): object {
  const required = Object.keys(properties).filter(name => !optional.has(properties[name]!))
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
}

const ofType = (type: string) => (options?: Options) => ({ type, ...options })

/**
 * Builds JSON Schemas, with the types of TypeBox. The builder of TypeBox itself does the same, but it loads 400 modules, which
 * takes 90 ms of CPU time at every start.
 */
export const Type = {
  Array: (items: object, options?: Options) => ({ type: 'array', items, ...options }),
  Boolean: ofType('boolean'),
  Enum: (values: readonly unknown[], options?: Options) => ({ enum: values, ...options }),
  Integer: ofType('integer'),
  Literal: (value: unknown, options?: Options) => ({ type: typeof value, const: value, ...options }),
  Null: ofType('null'),
  Number: ofType('number'),
  Object: objectOf,
  Optional: markedOptional,
  Record: ({ pattern = '^.*$' }: { pattern?: string }, values: object, options?: Options) => ({
    type: 'object',
    patternProperties: { [pattern]: values },
    ...options,
  }),
  String: ofType('string'),
  Union: (anyOf: readonly object[], options?: Options) => ({ anyOf, ...options }),
  Unknown: (options?: Options) => ({ ...options }),
  Unsafe: (schema: object) => schema,
} as unknown as Builder
