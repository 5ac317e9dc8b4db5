import { templateOf } from '../../client/address/routes.ts'
import { shortened } from '../code/comment.ts'
import { Expression } from '../code/expression.ts'
import type { RequestStep } from '../code/steps.ts'
import { type JsonFields, fieldsOf, isFields, nonEmpty } from '../json-tree.ts'
import type { KnownSecrets } from '../secrets/known-secrets.ts'
import type { Redaction } from '../secrets/redaction.ts'
import { hasEmail } from '../secrets/secret-text.ts'
import type { Correlation } from './correlation.ts'
import { isJsonType, parsedJson, type RecordedBody, type RecordedRequest } from './entry.ts'

/** Larger bodies are left out: nobody would read them in a scenario. */
const LARGEST_BODY = 16 * 1024
const DEEPEST = 32

export interface RequestWriterOptions {
  redaction: Redaction
  correlation: Correlation
  secrets: KnownSecrets
}

/** The parts of a recorded request, without its secrets. */
export interface WrittenRequest {
  path: RequestStep['path']
  /** Name of its group: the path with ids replaced. */
  name: string
  options: JsonFields
  comments: readonly string[]
}

/** Writes requests as a recording has them, with constants in place of secrets and of values that a response returned. */
export class RequestWriter {
  readonly #options: RequestWriterOptions

  constructor(options: RequestWriterOptions) {
    this.#options = options
  }

  /** Returns the path with everything replaced that looks like an id or a secret. */
  template(pathname: string): string {
    const segments = pathname.split('/').map(segment => (this.#isHidden(segment) ? '{id}' : segment))
    return templateOf(segments.join('/'))
  }

  write(request: RecordedRequest, at: number): WrittenRequest {
    const name = this.template(request.url.pathname)
    const path = this.#path(request.url.pathname, at, name)
    const query = withNumbers(this.#pairs([...request.url.searchParams], at, `the query of ${name}`))
    const body =
      request.body === undefined || ['GET', 'HEAD'].includes(request.method)
        ? { options: {} }
        : this.#body(request.body, at, name)
    const headers = { ...body.headers, ...headersOf(request) }
    const operation = graphQlOperation(body.options)
    const ownName = operation === undefined ? name : `${name} ${operation}`
    const options = {
      ...nonEmpty('query', query),
      ...body.options,
      ...nonEmpty('headers', headers),
      // Without a constant in it, the path gets this name by itself.
      ...((operation !== undefined || path.some(part => part instanceof Expression)) && { name: ownName }),
    }
    return { path, name: ownName, options, comments: body.comments ?? [] }
  }

  #isHidden(segment: string): boolean {
    const text = decoded(segment)
    return hasEmail(text) || this.#options.redaction.isSecret('', text)
  }

  #path(pathname: string, at: number, name: string): RequestStep['path'] {
    const segments = pathname.split('/')
    const parts: (string | Expression)[] = ['']
    for (const [index, segment] of segments.entries()) {
      const text = decoded(segment)
      // A segment before it may be a secret as well, and its text would be the name of a variable.
      const before =
        segments.slice(0, index).findLast(each => /^[a-z][a-z_-]*$/i.test(each) && !this.#isHidden(each)) ?? ''
      const found =
        text === '' ? undefined : this.#options.correlation.find(text, { request: at, name: before, kind: 'path' })
      const part =
        found ??
        (this.#isHidden(segment) ? this.#options.redaction.secret(`${before} id`, `the path ${name}`, text) : segment)
      const slash = index === 0 ? '' : '/'
      if (part instanceof Expression) parts.push(...joined(parts.pop()!, slash), part)
      else parts.push(...joined(parts.pop()!, slash + part))
    }
    return parts
  }

  /** Returns parameters by name. One that occurs several times has a list. */
  #pairs(pairs: readonly (readonly [string, string])[], at: number, place: string): JsonFields {
    const fields = new Map<string, unknown>()
    for (const [name, text] of pairs) {
      const value = this.#correlated(name, text, at)
      fields.set(name, fields.has(name) ? [fields.get(name), value].flat() : value)
    }
    return this.#options.redaction.value('', Object.fromEntries(fields), place) as JsonFields
  }

  #body(
    body: RecordedBody,
    at: number,
    name: string,
  ): { options: JsonFields; headers?: JsonFields; comments?: string[] } {
    const place = `the body of ${name}`
    const json = isJsonType(body.mediaType) ? parsedJson(body.text) : undefined
    if (body.text.length > LARGEST_BODY) return leftOut(body, 'it is large')
    if (json !== undefined) {
      const value = this.#options.redaction.value('body', this.#correlated('body', json, at), place)
      return {
        options: { json: value },
        ...(body.mediaType !== 'application/json' && { headers: { 'Content-Type': body.mediaType } }),
      }
    }
    if (body.mediaType === 'application/x-www-form-urlencoded')
      return { options: { form: this.#pairs(body.fields, at, place) } }
    return leftOut(body, 'secrets in it would not be recognised')
  }

  /** Returns the value with constants in place of what a response returned. What is too deep is left out later. */
  #correlated(name: string, value: unknown, at: number, depth = 0): unknown {
    if (typeof value === 'string' || typeof value === 'number') {
      return this.#options.correlation.find(String(value), { request: at, name, kind: 'field' }) ?? value
    }
    if (depth > DEEPEST) return value
    if (Array.isArray(value)) return value.map(item => this.#correlated(name, item, at, depth + 1))
    if (!isFields(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#correlated(key, item, at, depth + 1)]),
    )
  }
}

function joined(last: string | Expression, text: string): (string | Expression)[] {
  return typeof last === 'string' ? [last + text] : [last, text]
}

/** Returns the name of a GraphQL operation. All of them have one path, and only their names tell them apart. */
function graphQlOperation({ json }: JsonFields): string | undefined {
  const { query, operationName } = fieldsOf(json)
  return typeof query === 'string' && typeof operationName === 'string' && /^\w{1,60}$/.test(operationName)
    ? operationName
    : undefined
}

/** Returns texts that are whole numbers as such, as a person would write them. */
function withNumbers(fields: JsonFields): JsonFields {
  const isNumber = (value: unknown) => typeof value === 'string' && /^(0|[1-9]\d{0,8})$/.test(value)
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isNumber(value) ? Number(value) : value]),
  )
}

/** Returns the headers that are copied: those that say what a client wants, never who it is. */
function headersOf({ headers }: RecordedRequest): JsonFields {
  const values = new Map(headers)
  const accept = values.get('accept') ?? ''
  return {
    ...(/^application\/([\w.-]{1,40}\+)?(json|xml)$/.test(accept) && { Accept: accept }),
    ...(values.get('x-requested-with') === 'XMLHttpRequest' && { 'X-Requested-With': 'XMLHttpRequest' }),
    ...(values.has('idempotency-key') && { 'Idempotency-Key': new Expression('fake.id()') }),
  }
}

function leftOut(
  { mediaType, text }: RecordedBody,
  why: string,
): { options: JsonFields; headers: JsonFields; comments: string[] } {
  const type = /^[\w.+/-]{1,60}$/.test(mediaType) ? mediaType : 'application/octet-stream'
  const size = text.length > 0 ? ` of ${text.length} characters` : ''
  return {
    options: { body: '' },
    headers: { 'Content-Type': type },
    comments: [`Decide: the body${size} (${shortened(type, 60)}) was left out, because ${why}. Write it here.`],
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
