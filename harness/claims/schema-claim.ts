import { fileURLToPath } from 'node:url'
import { bytesOf, type FilePath } from '../feeders/file-bytes.ts'
import { type Mismatches, compileJsonSchema } from './json-schema.ts'
import { type StandardSchema, isStandardSchema, standardMismatches } from './standard-schema.ts'

/** A claim that also says why it does not hold, for the report. */
export interface SchemaClaim {
  (value: unknown): boolean
  /** Returns the first mismatch in words. */
  explain(value: unknown): string | undefined
}

/** Claims that were made: a schema is compiled once, however often a scenario asks for it. */
const bySchema = new WeakMap<object, SchemaClaim>()
const byFile = new Map<string, SchemaClaim>()

/**
 * Returns the claim that a response, or another value, matches a schema: a JSON Schema, a JSON file that holds one, or a schema of a
 * library with the interface of Standard Schema, such as zod.
 * @throws Error for an invalid schema, with the place in it
 */
export function matchesSchema(schema: object | StandardSchema | FilePath): SchemaClaim {
  if (typeof schema === 'string' || schema instanceof URL) return claimOfFile(schema)
  if (!isStandardSchema(schema) && (typeof schema !== 'object' || schema === null || Array.isArray(schema))) {
    throw new TypeError(`expected a JSON Schema such as { type: 'object' }, got ${JSON.stringify(schema)}`)
  }
  let claim = bySchema.get(schema)
  if (claim === undefined) {
    claim = claimBy(isStandardSchema(schema) ? standardMismatches(schema) : compileJsonSchema(schema))
    bySchema.set(schema, claim)
  }
  return claim
}

/** Returns why a claim about this value does not hold, if it is one that can say so. */
export function explanationOf(claim: (value: never) => unknown, value: unknown): string | undefined {
  return (claim as Partial<SchemaClaim>).explain?.(value)
}

function claimOfFile(path: FilePath): SchemaClaim {
  const file = path instanceof URL ? fileURLToPath(path) : path
  const known = byFile.get(file)
  if (known !== undefined) return known
  try {
    const claim = matchesSchema(JSON.parse(bytesOf(path).toString()) as object)
    byFile.set(file, claim)
    return claim
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

function claimBy(mismatches: Mismatches): SchemaClaim {
  const explain = (value: unknown): string | undefined => {
    try {
      return mismatches(contentOf(value))
    } catch (error) {
      if (error instanceof SyntaxError) return error.message
      throw error
    }
  }
  return Object.assign((value: unknown) => explain(value) === undefined, { explain })
}

/** Returns the JSON of a response, and any other value as it is. */
function contentOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('json' in value) || typeof value.json !== 'function')
    return value
  return (value as { json(): unknown }).json()
}
