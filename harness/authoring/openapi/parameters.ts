import { shortened } from '../code/comment.ts'
import { Expression } from '../code/expression.ts'
import { callCode } from '../code/layout.ts'
import { type JsonFields, fieldsOf, isFields } from '../json-tree.ts'
import type { Redaction } from '../secrets/redaction.ts'
import type { Examples, ExampleValue } from './example.ts'
import type { ListedOperation, ListedParameter } from './operation-list.ts'

/** Headers that the client sends itself, which OpenAPI does not count among parameters. */
const OWN_HEADERS = /^(accept|content-type|authorization|content-length|host|cookie)$/i

/** Most names of optional parameters in a comment. */
const MOST_NAMES = 8

export interface ParameterDependencies {
  examples: Examples
  redaction: Redaction
}

/** Returns the path with a value for each of its parameters, and what is to be decided about them. */
export function pathOf(
  operation: ListedOperation,
  captured: ReadonlyMap<string, Expression>,
  dependencies: ParameterDependencies,
): { parts: (string | Expression)[]; comments: string[] } {
  const parts: (string | Expression)[] = []
  const comments: string[] = []
  for (const piece of operation.path.split(/(\{[^{}]+\})/)) {
    const name = /^\{(.+)\}$/.exec(piece)?.[1]
    if (name === undefined) parts.push(piece)
    else if (captured.has(name)) parts.push(captured.get(name)!)
    else {
      const parameter = operation.parameters.find(each => each.place === 'path' && each.name === name)
      const { value, isGiven } = valueOf(parameter, dependencies)
      if (!isGiven) comments.push(`Decide: which ${name}? This one was made up.`)
      const safe = dependencies.redaction.value(name, value ?? 1, operation.path)
      parts.push(safe instanceof Expression ? safe : encodeURIComponent(plainText(safe)))
    }
  }
  return { parts: joined(parts), comments }
}

function joined(parts: readonly (string | Expression)[]): (string | Expression)[] {
  const whole: (string | Expression)[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    if (typeof part === 'string' && typeof last === 'string') whole[whole.length - 1] = last + part
    else if (part !== '') whole.push(part)
  }
  return whole
}

/** Returns the required parameters outside the path. */
export function parametersOf(
  { parameters, path }: ListedOperation,
  label: string,
  dependencies: ParameterDependencies,
): { query: JsonFields; headers: JsonFields } {
  let query: JsonFields = {}
  let headers: JsonFields = {}
  const cookies: Expression[] = []
  for (const parameter of parameters) {
    const { name, place, required } = parameter
    if (!required || place === 'path' || (place === 'header' && OWN_HEADERS.test(name))) continue
    if (/^idempotency-key$/i.test(name)) {
      headers = { ...headers, [name]: new Expression('fake.id()') }
      continue
    }
    const { value = '' } = valueOf(parameter, dependencies)
    const safe = dependencies.redaction.value(name, value, `the ${place} of ${path}`)
    if (place === 'query') query = { ...query, ...queryOf(parameter, safe) }
    else if (place === 'header') headers = { ...headers, [name]: safe instanceof Expression ? safe : plainText(safe) }
    else cookies.push(cookieOf(name, dependencies.redaction.secret(name, `a cookie of ${label}`)))
  }
  return { query, headers: cookies.length === 0 ? headers : { ...headers, Cookie: cookies[0] } }
}

function cookieOf(name: string, value: Expression): Expression {
  return new Expression(`\`${name.replaceAll(/[^\w.-]/g, '')}=\${${value.source}}\``)
}

/** Returns a value of the query in the style that the document demands. */
function queryOf({ name, fields }: ListedParameter, value: unknown): JsonFields {
  if (Array.isArray(value))
    return { [name]: fields['explode'] === false ? value.map(plainText).join(',') : value.map(scalar) }
  if (!isFields(value) || value instanceof Expression) return { [name]: scalar(value) }
  const isDeep = fields['style'] === 'deepObject'
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [isDeep ? `${name}[${key}]` : key, scalar(item)]),
  )
}

/** Returns a value as a query or form can hold it: objects as JSON, and null as an empty text. */
export function scalar(value: unknown): unknown {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object' || value instanceof Expression) return value
  // A constant in it has its value only when the scenario runs.
  const hasConstant = Object.values(value).some(item => item instanceof Expression)
  return hasConstant ? new Expression(callCode('JSON.stringify', [value], 0)) : JSON.stringify(value)
}

function valueOf(parameter: ListedParameter | undefined, { examples }: ParameterDependencies): ExampleValue {
  if (parameter === undefined) return { value: 1, isGiven: false }
  const [media] = Object.values(fieldsOf(parameter.fields['content']))
  return examples.of(media === undefined ? parameter.fields : fieldsOf(media))
}

function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join(',')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Returns a comment with the names of the parameters that are left out. */
export function optionalNames(parameters: readonly ListedParameter[]): string[] {
  const names = parameters
    .filter(({ required, place }) => !required && place === 'query')
    .map(({ name }) => shortened(name, 40))
  if (names.length === 0) return []
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return [
    `Optional in the query: ${shown}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}.`,
  ]
}
