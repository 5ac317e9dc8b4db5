import { followPointer } from '../../../core/json-pointer.ts'
import { shortened } from '../../../core/shortened.ts'
import type { HttpResponse, TextMatch } from '../../scenario/http.ts'
import { excerptWithoutSecrets, listed } from './excerpt.ts'
import { shown } from './request-head.ts'
import { UnreadableBody } from './unreadable-body.ts'

/** Response that something is looked for in. */
type SearchedResponse = Pick<HttpResponse, 'status' | 'headers' | 'url'>

/** Returns the value at a JSON pointer. @throws UnreadableBody that says what is there instead */
export function valueAt(source: SearchedResponse, json: unknown, pointer: string): unknown {
  const pointed = followPointer(json, pointer)
  if (pointed.found) return pointed.value
  const { lastPointer, lastValue } = pointed
  throw missing(
    source,
    `a value at ${pointer}`,
    `${structureOf(lastValue)} at ${lastPointer === '' ? 'its top' : lastPointer}`,
  )
}

/** Returns the first match of a pattern. @throws UnreadableBody with an excerpt of the text */
export function matchIn(source: SearchedResponse, text: string, pattern: RegExp): TextMatch {
  if (!(pattern instanceof RegExp)) {
    throw new TypeError(`expected a regular expression such as /id=(\\d+)/, got ${shown(pattern)}`)
  }
  // Other users may have used the same expression.
  pattern.lastIndex = 0
  const match = pattern.exec(text)
  if (match === null) {
    throw missing(source, `text like ${shortened(String(pattern), LONGEST_SHOWN)}`, excerptWithoutSecrets(text))
  }
  const [whole, ...captures] = match
  const groups = Object.entries(match.groups ?? {}).map(([name, value]) => [name, (value as string | undefined) ?? ''])
  return {
    text: whole,
    captures: captures.map(capture => (capture as string | undefined) ?? ''),
    groups: Object.fromEntries(groups) as Record<string, string>,
  }
}

/** Returns the value of a header; several of one name are joined as in a request. @throws UnreadableBody */
export function headerOf(source: SearchedResponse, name: string): string {
  const value = source.headers[name.toLowerCase()]
  if (value === undefined) {
    throw missing(source, `the header ${JSON.stringify(name)}`, `the headers ${listed(Object.keys(source.headers))}`)
  }
  return Array.isArray(value) ? value.join(', ') : value
}

/** Returns the value of a cookie that the response sets. @throws UnreadableBody */
export function cookieOf(source: SearchedResponse, name: string): string {
  const pairs = [source.headers['set-cookie'] ?? []].flat().map(cookie => {
    const [pair = ''] = cookie.split(';', 1)
    const at = pair.indexOf('=')
    return [pair.slice(0, at === -1 ? 0 : at).trim(), pair.slice(at + 1).trim()] as const
  })
  const found = pairs.findLast(([each]) => each === name)
  if (found !== undefined) return found[1]
  throw missing(source, `the cookie ${JSON.stringify(name)}`, `the cookies ${listed(pairs.map(([each]) => each))}`)
}

/** Returns an error that says what was looked for and what came. */
export function missing({ status, url }: SearchedResponse, wanted: string, got: string): UnreadableBody {
  const path = URL.parse(url)?.pathname ?? ''
  return new UnreadableBody(
    `expected ${wanted} in the response of status ${status} from ${shortened(path, LONGEST_SHOWN)}, got ${got}`,
  )
}

const LONGEST_SHOWN = 80

/** Describes a value by its structure, because its contents may be secret. */
function structureOf(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object with the keys ${listed(Object.keys(value))}`
  return value === null ? 'null' : `a ${typeof value}`
}
