import { type JsonFields, fieldsOf } from '../json-tree.ts'
import type { ListedOperation } from './operation-list.ts'

/** Returns the first response that is not an error. */
export function successOf({ responses }: ListedOperation): { status: string; response: JsonFields } | undefined {
  const statuses = [...responses.keys()].toSorted()
  const status = ['2', '3', '1'].flatMap(digit => statuses.filter(each => each.startsWith(digit)))[0]
  return status === undefined ? undefined : { status, response: responses.get(status)! }
}

/** Returns the schema of a JSON response. */
export function jsonSchemaOf(response: JsonFields): unknown {
  const entry = Object.entries(fieldsOf(response['content'])).find(([type]) => isJson(type))
  return entry === undefined ? undefined : fieldsOf(entry[1])['schema']
}

/** Tells whether a media type is JSON, or may be anything. */
export function isJson(mediaType: string): boolean {
  return /^(application|text)\/([\w.-]+\+)?json\b/i.test(mediaType) || /^(\*\/\*|application\/\*)$/.test(mediaType)
}
