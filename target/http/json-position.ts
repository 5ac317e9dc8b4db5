/**
 * Where a text stops being JSON: the offset of the first character that cannot stand there, the text's length if it ends
 * too early, undefined if it is JSON. `JSON.parse` says so only of some errors.
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

/** What was read of a token: all of it, or up to where it goes wrong. */
interface Scanned {
  end: number
  complete: boolean
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const SPACE = /[ \t\r\n]*/y

/** By hand, since a regular expression runs out of stack on a string of some megabytes. */
function scanString(text: string, openingAt: number): Scanned {
  let end = openingAt + 1
  while (end < text.length) {
    const character = text[end]!
    if (character === '"') return { end: end + 1, complete: true }
    if (character < ' ') break
    const length = character === '\\' ? matchLength(ESCAPE, text, end) : 1
    if (length === 0) break
    end += length
  }
  return { end, complete: false }
}

function scanWord(text: string, offset: number): Scanned {
  const length = matchLength(WORD, text, offset)
  return { end: offset + length, complete: length > 0 }
}

function skipSpace(text: string, offset: number): number {
  return offset + matchLength(SPACE, text, offset)
}

function matchLength(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset
  return pattern.exec(text)?.[0].length ?? 0
}
