import { Configuration } from './configuration.ts'

/** The properties of a JSON schema that the configuration reads. */
export interface SchemaNode {
  type?: string
  enum?: unknown[]
  properties?: Record<string, SchemaNode>
  default?: unknown
  description?: string
  minimum?: number
  maximum?: number
  /** A value in words, where its type does not say enough. */
  expected?: string
}

export const rootSchema = Configuration as unknown as SchemaNode

/** A key that holds a value: `auth.tokenTtl`. */
export interface Key {
  path: string
  schema: SchemaNode
  /** `LOADCELL_AUTH_TOKEN_TTL` */
  environmentName: string
}

/** Every key of the configuration, in the order of its schema. */
export const keys: readonly Key[] = collect(rootSchema, [])

export const keysByPath: ReadonlyMap<string, Key> = new Map(keys.map(key => [key.path, key]))

/** Tells whether its value is a text, which may be empty. */
export function isText({ schema }: Key): boolean {
  return schema.type === 'string' && schema.enum === undefined
}

function collect(schema: SchemaNode, path: readonly string[]): Key[] {
  if (schema.properties === undefined) {
    return [{ path: path.join('.'), schema, environmentName: environmentName(path) }]
  }
  return Object.entries(schema.properties).flatMap(([name, node]) => collect(node, [...path, name]))
}

function environmentName(path: readonly string[]): string {
  return ['loadcell', ...path].map(part => part.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()).join('_')
}
