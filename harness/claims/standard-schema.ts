import type { Mismatches } from './json-schema.ts'

/** The interface that zod, valibot, arktype and others share (https://standardschema.dev). */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
  }
}

interface StandardResult {
  readonly issues?: readonly StandardIssue[] | undefined
}

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export function isStandardSchema(schema: object): schema is StandardSchema {
  return typeof (schema as Partial<StandardSchema> | null)?.['~standard']?.validate === 'function'
}

/** Returns a function that names the first issue. It throws a TypeError for a schema that answers with a promise. */
export function standardMismatches(schema: StandardSchema): Mismatches {
  const { validate, vendor } = schema['~standard']
  return value => {
    const result = validate(value)
    if (result instanceof Promise) {
      result.catch(() => {})
      throw new TypeError(`expected a schema that answers at once, got one of ${vendor} with asynchronous parts`)
    }
    const [issue] = result.issues ?? []
    if (issue === undefined) return undefined
    const path = (issue.path ?? []).map(step => `/${String(typeof step === 'object' ? step.key : step)}`).join('')
    return `expected a value that matches the schema, got one in which ${path === '' ? 'the top' : path}: ${issue.message}`
  }
}
