import {
  API,
  type Checker,
  type Project,
  type Symbol,
  SymbolFlags,
  type Type,
  TypeFlags,
  type TypeReference,
} from 'typescript/unstable/sync'
import { join } from 'node:path'
import { root } from './markdown.ts'

/** A JSON Schema (draft 2020-12) that a TypeScript type was turned into. */
export type JsonSchema = Record<string, unknown>

/** Reads the JSON Schemas of exported types, with doc comments as descriptions. Objects may have more keys than described. */
export function schemasOf(types: readonly { module: string; name: string; id: string }[]): JsonSchema[] {
  const api = new API({ cwd: root })
  try {
    const config = join(root, 'tsconfig.json')
    const project = api.updateSnapshot({ openProject: config }).getProject(config)
    if (project === undefined) throw new Error(`cannot read ${config}`)
    return types.map(({ module, name, id }) => ({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: id,
      ...new Reader(project.checker).document(exported(project, module, name)),
    }))
  } finally {
    api.close()
  }
}

function exported({ checker, program }: Project, module: string, name: string): Symbol {
  const source = program.getSourceFile(join(root, module))
  const symbol = source && checker.getSymbolAtLocation(source)
  const found = symbol && checker.getExportsOfModule(symbol).find(each => each.name === name)
  if (found === undefined) throw new Error(`${module} exports no ${name}`)
  return found
}

class Reader {
  readonly #checker: Checker
  readonly #definitions = new Map<string, JsonSchema>()

  constructor(checker: Checker) {
    this.#checker = checker
  }

  document(symbol: Symbol): JsonSchema {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol)
    return {
      title: symbol.name,
      ...described(this.#checker.getDocumentationCommentOfSymbol(symbol)),
      ...this.#object(type),
      $defs: Object.fromEntries([...this.#definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
    }
  }

  #schema(type: Type): JsonSchema {
    // A key that an arm of a union does not have.
    if (type.flags & TypeFlags.Undefined) return { not: {} }
    if (type.isUnionType()) return this.#union(type.getTypes())
    if (type.isLiteralType()) return { const: type.value }
    if (type.flags & TypeFlags.String) return { type: 'string' }
    if (type.flags & TypeFlags.Number) return { type: 'number' }
    if (type.flags & TypeFlags.Boolean) return { type: 'boolean' }
    if (type.flags & TypeFlags.Null) return { type: 'null' }
    if (type.flags & (TypeFlags.Any | TypeFlags.Unknown)) return {}
    if (this.#checker.isTupleType(type)) {
      const items = this.#checker.getTypeArguments(type as TypeReference).map(item => this.#schema(item))
      return { type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length }
    }
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as TypeReference)
      return { type: 'array', items: item === undefined ? {} : this.#schema(item) }
    }
    return this.#reference(type)
  }

  /** Named types become definitions. */
  #reference(type: Type): JsonSchema {
    const symbol = type.getAliasSymbol() ?? type.getSymbol()
    const isNamed = symbol !== undefined && /^[A-Z]\w+$/.test(symbol.name) && type.getAliasTypeArguments().length === 0
    if (!isNamed) return this.#object(type)
    if (!this.#definitions.has(symbol.name)) {
      // Reserved first, for types that contain themselves.
      this.#definitions.set(symbol.name, {})
      this.#definitions.set(symbol.name, {
        ...described(this.#checker.getDocumentationCommentOfSymbol(symbol)),
        ...this.#object(type),
      })
    }
    return { $ref: `#/$defs/${symbol.name}` }
  }

  #object(type: Type): JsonSchema {
    const [index] = this.#checker.getIndexInfosOfType(type)
    const properties = this.#checker.getPropertiesOfType(type)
    const required = properties.filter(({ flags }) => !(flags & SymbolFlags.Optional)).map(({ name }) => name)
    return {
      type: 'object',
      ...(properties.length > 0 && {
        properties: Object.fromEntries(properties.map(property => [property.name, this.#property(property)])),
      }),
      ...(required.length > 0 && { required }),
      ...(index !== undefined && { additionalProperties: this.#schema(index.valueType) }),
    }
  }

  #property(symbol: Symbol): JsonSchema {
    const type = this.#checker.getTypeOfSymbol(symbol)
    return {
      ...described(this.#checker.getDocumentationCommentOfSymbol(symbol)),
      ...(type === undefined ? {} : this.#schema(type)),
    }
  }

  #union(types: readonly Type[]): JsonSchema {
    const arms = types.filter(({ flags }) => !(flags & TypeFlags.Undefined))
    const [only] = arms
    if (arms.length === 1 && only !== undefined) return this.#schema(only)
    if (arms.every(arm => arm.isLiteralType())) {
      const values = arms.map(({ value }) => value).sort((a, b) => (String(a) < String(b) ? -1 : 1))
      return values.every(value => typeof value === 'boolean') ? { type: 'boolean' } : { enum: values }
    }
    // The compiler may number types differently each time.
    const schemas = arms.map(arm => this.#schema(arm)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    return { anyOf: schemas }
  }
}

function described(comment: string): JsonSchema {
  return comment === '' ? {} : { description: comment.replaceAll(/\s+/g, ' ').trim() }
}

/** Returns the schema without room for keys that it does not describe. */
export function closedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closedSchema)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closedSchema(value)]))
  const isObject = inner['type'] === 'object' && inner['additionalProperties'] === undefined
  return isObject ? { ...inner, additionalProperties: false } : inner
}
