import { skipSpace } from './scan.ts'

/**
 * Returns where a text stops being JSON: the offset of the first character that cannot stand there, the text's length if it
 * ends too early, undefined if it is JSON. `JSON.parse` says so only of some errors. It takes time in proportion to the text,
 * and no stack for nesting.
 */
export function jsonErrorOffset(text: string): number | undefined {
  /** Closing brackets still owed, innermost last. */
  const owed: ('}' | ']')[] = []
  let expects: Expectation = 'value'
  let offset = skipSpace(text, 0)
  while (offset < text.length || expects !== 'end of value' || owed.length > 0) {
    const character = text[offset]
    const closer = owed.at(-1)
    if (character === closer && closer !== undefined && expects !== 'value' && expects !== 'name') {
      owed.pop()
      offset += 1
      expects = 'end of value'
    } else if (expects === 'end of value') {
      if (character !== ',' || closer === undefined) return offset
      offset += 1
      expects = closer === '}' ? 'name' : 'value'
    } else if (expects === 'name' || expects === 'name or end') {
      if (character !== '"') return offset
      const name = scanString(text, offset)
      const colonAt = skipSpace(text, name.end)
      if (!name.complete || text[colonAt] !== ':') return colonAt
      offset = colonAt + 1
      expects = 'value'
    } else if (character === '{' || character === '[') {
      owed.push(character === '{' ? '}' : ']')
      offset += 1
      expects = character === '{' ? 'name or end' : 'value or end'
    } else {
      const scalar = character === '"' ? scanString(text, offset) : scanWord(text, offset)
      if (!scalar.complete) return scalar.end
      offset = scalar.end
      expects = 'end of value'
    }
    offset = skipSpace(text, offset)
  }
  return undefined
}

type Expectation = 'value' | 'value or end' | 'name' | 'name or end' | 'end of value'

/** A token as far as it was read: all of it, or up to where it goes wrong. */
interface Scanned {
  end: number
  complete: boolean
}

const LITERAL = /true|false|null/y
const HEX = /[0-9a-fA-F]{4}/y

function scanString(text: string, openingAt: number): Scanned {
  let end = openingAt + 1
  while (end < text.length) {
    const character = text[end]!
    if (character === '"') return { end: end + 1, complete: true }
    if (character < ' ') break
    const length = character === '\\' ? escapeLength(text, end) : 1
    if (length === 0) break
    end += length
  }
  return { end, complete: false }
}

/** 0 where it is no escape that JSON knows. */
function escapeLength(text: string, at: number): number {
  const kind = text[at + 1] ?? ''
  if (kind === 'u') return matchLength(HEX, text, at + 2) === 0 ? 0 : 6
  return kind !== '' && '"\\/bfnrt'.includes(kind) ? 2 : 0
}

function scanWord(text: string, offset: number): Scanned {
  const literal = matchLength(LITERAL, text, offset)
  const end = literal > 0 ? offset + literal : numberEnd(text, offset)
  return { end, complete: end > offset }
}

/** The offset behind the longest number that begins at `offset`; `offset` itself where none does. */
function numberEnd(text: string, offset: number): number {
  const first = text[offset] === '-' ? offset + 1 : offset
  let end = text[first] === '0' ? first + 1 : digitsEnd(text, first)
  if (end === first) return offset
  if (text[end] === '.') end = digitsEnd(text, end + 1, end)
  if (text[end] !== 'e' && text[end] !== 'E') return end
  const isSigned = text[end + 1] === '+' || text[end + 1] === '-'
  return digitsEnd(text, isSigned ? end + 2 : end + 1, end)
}

/** The offset behind the digits at `offset`; `none` where there are none. */
function digitsEnd(text: string, offset: number, none = offset): number {
  let end = offset
  while (text[end]! >= '0' && text[end]! <= '9') end += 1
  return end === offset ? none : end
}

function matchLength(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset
  return pattern.test(text) ? pattern.lastIndex - offset : 0
}
