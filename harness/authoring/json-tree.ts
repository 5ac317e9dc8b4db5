/** An object of a document, whose fields nobody has checked. */
export type JsonFields = Readonly<Record<string, unknown>>

/** Returns the value if it is an object, and else an empty one. */
export function fieldsOf(value: unknown): JsonFields {
  return isFields(value) ? value : {}
}

export function isFields(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Returns an object with this one field, or an empty one if the field would be empty. */
export function nonEmpty(key: string, value: JsonFields): JsonFields {
  return Object.keys(value).length > 0 ? { [key]: value } : {}
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
