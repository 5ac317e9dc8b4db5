import { jsonErrorOffset } from './error-offset.ts'
import { isBracket, isOpening, QUOTE, stringEnd } from './scan.ts'

/** Thrown for text that is not JSON, or JSON that is not accepted. HTTP and WebSockets answer with its code. */
export class JsonError extends Error {
  readonly code: 'malformed_json' | 'json_too_deep'

  constructor(code: JsonError['code'], detail: string) {
    super(detail)
    this.name = 'JsonError'
    this.code = code
  }
}

const BYTE_ORDER_MARK = 0xfeff

/** The text of bytes that are UTF-8, without a byte order mark. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString()
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}

/**
 * Reads JSON from a client. Its levels are counted first, because deep nesting makes `JSON.parse` slow and overflows the stack of
 * `JSON.stringify`.
 * @param most maximum number of levels of arrays and objects
 * @throws JsonError
 */
export function readJson(text: string, most: number): unknown {
  // A text with fewer characters than levels cannot be too deep.
  if (text.length > most && isDeeperThan(most, text)) throw tooDeep(most)
  const value = parseJson(text)
  if (mayReachPrototype(text) && reachesPrototype(value)) throw unacceptableKey()
  return value
}

/** Parses a text whose depth was checked. @throws JsonError with the place of the error */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformedAt(text, jsonErrorOffset(text) ?? text.length)
  }
}

export function malformedAt(text: string, offset: number): JsonError {
  if (text.trim() === '') return new JsonError('malformed_json', 'expected JSON, got nothing')
  let [line, lineStart] = [1, 0]
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1
    lineStart = at + 1
  }
  const place = `at offset ${offset} (line ${line}, column ${offset - lineStart + 1})`
  const got =
    offset >= text.length ? 'the text ends' : `got ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset)!))}`
  return new JsonError('malformed_json', `${got} ${place}`)
}

export function tooDeep(most: number): JsonError {
  return new JsonError(
    'json_too_deep',
    `expected at most ${most} levels of arrays and objects (http.jsonDepth), got more`,
  )
}

export function unacceptableKey(): JsonError {
  return new JsonError('malformed_json', 'the keys "__proto__" and "constructor.prototype" are not accepted')
}

function isDeeperThan(most: number, text: string): boolean {
  if (!hasMoreOpenings(most, text)) return false
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at)
    else if (isBracket(code)) {
      depth += isOpening(code) ? 1 : -1
      if (depth > most) return true
    }
  }
  return false
}

/** Whether more brackets open than this, in strings or not. Most texts have few and need no further scan. */
function hasMoreOpenings(most: number, text: string): boolean {
  let openings = 0
  for (const opening of ['{', '[']) {
    for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + 1)) {
      openings += 1
      if (openings > most) return true
    }
  }
  return false
}

/** Whether a text may contain such a key, perhaps with escapes. Most texts do not, which saves the walk through them. */
export function mayReachPrototype(text: string): boolean {
  return text.includes('proto') || (text.includes('\\u00') && /\\u00(?:5[fF]|[67])/.test(text))
}

/** Whether an object in this value has a key with which careless code would change the prototype of all objects. */
export function reachesPrototype(value: unknown): boolean {
  const left: unknown[] = [value]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if (Object.hasOwn(next, '__proto__')) return true
    for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) left.push(inner)
    if (!Object.hasOwn(next, 'constructor')) continue
    const { constructor } = next as { constructor: unknown }
    if (typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype')) return true
  }
  return false
}
