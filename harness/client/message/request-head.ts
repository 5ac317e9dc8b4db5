import { shortened } from '../../../core/shortened.ts'
import { defaultTenant, headers as headerNames } from '../../../contract/headers.ts'
import type { HeadersInput, Query } from '../../scenario/http.ts'

/** Matches paths that a browser sends unchanged. Most paths are like that, and need no parsing. */
const ALREADY_ENCODED = /^(?:\/(?!\.|%2e)[\w.~!$&()*+,;=:@%-]*)+(?:\?[\w.~!$&()*+,;=:@%/?-]*)?$/i

const ANY_ORIGIN = 'http://target'

/**
 * Returns the path and query as a browser sends them (WHATWG URL): in UTF-8, percent-encoded where necessary, with dot segments
 * resolved and without the fragment. Encoded characters stay unchanged.
 * @param path begins with a slash.
 */
export function encodePath(path: string): string {
  if (ALREADY_ENCODED.test(path)) return path
  const url = new URL(`${ANY_ORIGIN}${path}`)
  url.hash = ''
  // Not pathname and search: a browser keeps the `?` of an empty query.
  return url.href.slice(ANY_ORIGIN.length)
}

/** Returns the query as a form sends it. @throws TypeError for a value that is neither text nor a number nor a boolean. */
export function encodeQuery(query: Query): string {
  if (query instanceof URLSearchParams) return query.toString()
  if (typeof query !== 'object' || query === null || Symbol.iterator in query) {
    throw new TypeError(`expected parameters such as { page: 2 }, got ${shown(query)}`)
  }
  const parameters = new URLSearchParams()
  for (const [name, given] of Object.entries(query)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value === undefined) continue
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new TypeError(
          `expected text, a number or a boolean as the parameter ${JSON.stringify(name)}, got ${shown(value)}`,
        )
      }
      parameters.append(name, String(value))
    }
  }
  return parameters.toString()
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const UPPER_CASED: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])

/** Returns the method as `fetch` sends it, with well-known methods in upper case. @throws TypeError for one that cannot be sent. */
export function encodeMethod(method: string): string {
  if (UPPER_CASED.has(method)) return method
  if (typeof method !== 'string' || !TOKEN.test(method) || method.toUpperCase() === 'CONNECT') {
    throw new TypeError(`expected the method of a request such as GET, got ${shown(method)}`)
  }
  const upperCased = method.toUpperCase()
  return UPPER_CASED.has(upperCased) ? upperCased : method
}

/** Fields of the connection, which the client manages. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['transfer-encoding', 'keep-alive', 'upgrade', 'expect'])
const CONNECTION_OPTION = /^(close|keep-alive)$/i

/**
 * Returns the fields with names in lower case, so that fields of a scenario replace those of the client in any spelling. Values
 * are strings whose Latin-1 bytes are the UTF-8 to send. Undefined is left out.
 * @throws TypeError for a field that cannot be sent.
 */
export function encodeHeaders(headers: HeadersInput | undefined): Record<string, string> | undefined {
  if (headers === undefined) return undefined
  if (typeof headers !== 'object' || headers === null)
    throw new TypeError(`expected headers such as { accept: '…' }, got ${shown(headers)}`)
  const fields: Record<string, string> = {}
  const pairs: Iterable<readonly [string, unknown]> = Symbol.iterator in headers ? headers : Object.entries(headers)
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
      throw new TypeError(`expected headers as an object or as pairs of text, got ${shown(pair)} among them`)
    }
    const [name, value] = pair as [string, unknown]
    if (value !== undefined) fields[encodeName(name)] = encodeValue(name, value)
  }
  return fields
}

/** @throws TypeError when `Content-Length` does not match the body. */
export function checkLength(fields: Record<string, string>, bodyBytes: number): void {
  const announced = fields['content-length']
  if (announced === undefined || announced === String(bodyBytes)) return
  throw new TypeError(
    `expected the header "content-length" to be absent or ${bodyBytes}, the length of the body, got ${shown(announced)}`,
  )
}

/** @throws TypeError for subprotocols that a handshake cannot offer. */
export function checkProtocols(protocols: readonly string[]): void {
  const wrong = protocols.find(
    (protocol, index) => typeof protocol !== 'string' || !TOKEN.test(protocol) || protocols.indexOf(protocol) !== index,
  )
  if (wrong !== undefined) {
    throw new TypeError(`expected subprotocols that differ, without spaces or commas, got ${shown(wrong)}`)
  }
}

/** Servers accept header lines up to about this length. */
const LONGEST_EVENT_ID_BYTES = 8000

/** Returns the value of `Last-Event-ID`, in UTF-8 as the SSE standard says; undefined for an id that no header can carry. */
export function encodeEventId(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined
  const value = toUtf8(id)
  return UNSENDABLE.test(value) || value.length > LONGEST_EVENT_ID_BYTES ? undefined : value
}

/** Tells whether this is a token that a header can carry unchanged. */
export function isSendable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function encodeName(name: string): string {
  const lowerCased = name.toLowerCase()
  if (!TOKEN.test(lowerCased)) throw new TypeError(`expected the name of a header such as accept, got ${shown(name)}`)
  if (OF_THE_CONNECTION.has(lowerCased)) {
    throw new TypeError(`the header ${JSON.stringify(lowerCased)} cannot be set: the client manages connections itself`)
  }
  return lowerCased
}

const ASCII = /^[\t\x20-\x7e]*$/
// oxlint-disable-next-line no-control-regex -- they are what must not be sent
const UNSENDABLE = /[\x00-\x08\x0a-\x1f\x7f]/
/** Headers whose values are never shown. */
const SECRET = /authorization|cookie|token|secret|key|password/i

function encodeValue(name: string, given: unknown): string {
  // Headers copied from a response have an array for several fields of one name.
  const value = Array.isArray(given) ? given.join(/^cookie$/i.test(name) ? '; ' : ', ') : given
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    throw new TypeError(`expected text as the value of the header ${JSON.stringify(name)}, got ${shown(value)}`)
  }
  const text = String(value)
  if (/^connection$/i.test(name) && !CONNECTION_OPTION.test(text)) {
    throw new TypeError(`expected the header "connection" to be close or keep-alive, got ${shown(text)}`)
  }
  if (ASCII.test(text)) return text
  const control = UNSENDABLE.exec(text)
  if (control === null) return toUtf8(text)
  throw new TypeError(
    `expected a value without control characters for the header ${JSON.stringify(name)}, got ` +
      (SECRET.test(name) ? `one with ${JSON.stringify(control[0])} at ${control.index}` : shown(text)),
  )
}

/** Tells whether this text can be a name in a head: of a method, a header or a cookie. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value)
}

/** Both HTTP clients write the head of a request as Latin-1. */
export function toUtf8(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text).toString('latin1')
}

const LONGEST_SHOWN = 200

/** Returns the value for an error message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value, LONGEST_SHOWN))
  if (value === null || ['undefined', 'number', 'boolean', 'bigint'].includes(typeof value)) return String(value)
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}

/**
 * Returns the headers of every request to a server. A token, or a scenario's own header, replaces its credentials.
 * @param runId undefined for a server that need not know it
 */
export function identityHeaders({ userAgent, runId, authorization }: IdentityOptions): Record<string, string> {
  return {
    'user-agent': userAgent,
    ...(runId !== undefined && { [headerNames.run]: runId }),
    ...(authorization !== undefined && { authorization }),
  }
}

interface IdentityOptions {
  userAgent: string
  runId: string | undefined
  authorization: string | undefined
}

/** Returns the tenant whose events a stream or socket with these encoded headers receives. */
export function tenantOf(headers: Record<string, string>): string {
  return headers[headerNames.tenant] ?? defaultTenant
}
