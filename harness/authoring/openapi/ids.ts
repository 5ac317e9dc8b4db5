import { type JsonFields, fieldsOf } from '../json-tree.ts'
import type { Schemas } from './schema.ts'
import { jsonSchemaOf } from './response.ts'

/** Returns the path to a field of a response that holds the value of a parameter of a path. */
export function idPathIn(schemas: Schemas, response: JsonFields, parameter: string): string | undefined {
  const { schema } = schemas.whole(jsonSchemaOf(response))
  const properties = Object.keys(fieldsOf(schema['properties']))
  const own = matching(properties, parameter)
  if (own !== undefined) return own
  // Many services put what they created into an envelope.
  for (const envelope of ['data', 'result', 'item']) {
    const inner = schemas.whole(fieldsOf(schema['properties'])[envelope]).schema
    const found = matching(Object.keys(fieldsOf(inner['properties'])), parameter)
    if (found !== undefined) return `${envelope}.${found}`
  }
  return undefined
}

/** Returns the path to the id of the first element of a list in a response. */
export function idPathInList(schemas: Schemas, response: JsonFields, parameter: string): string | undefined {
  const { schema } = schemas.whole(jsonSchemaOf(response))
  const inItems = (list: unknown): string | undefined => {
    const items = schemas.whole(schemas.whole(list).schema['items']).schema
    return matching(Object.keys(fieldsOf(items['properties'])), parameter)
  }
  const own = inItems(jsonSchemaOf(response))
  if (own !== undefined) return `0.${own}`
  for (const [name, property] of Object.entries(fieldsOf(schema['properties']))) {
    const found = inItems(property)
    if (found !== undefined && !name.includes('.')) return `${name}.0.${found}`
  }
  return undefined
}

function matching(properties: readonly string[], parameter: string): string | undefined {
  const simple = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const wanted = simple(parameter)
  const same = properties.find(name => simple(name) === wanted && !name.includes('.'))
  if (same !== undefined) return same
  const kind = /(id|uuid|guid|slug|name|number|code)$/.exec(wanted)?.[1]
  return kind === undefined ? undefined : properties.find(name => simple(name) === kind)
}
