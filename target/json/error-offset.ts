import { BACKSLASH, COLON, COMMA, isBracket, isDigit, isOpening, QUOTE, skipSpace } from './scan.ts'

/**
 * Returns where a text stops being JSON: the offset of the first wrong character, or the length of the text if it ends too early;
 * undefined if it is JSON. `JSON.parse` gives the offset of some errors only. This takes about as long, and needs no stack.
 */
export function jsonErrorOffset(text: string): number | undefined {
  /** Opening brackets that are not closed yet, innermost last. */
  const open: number[] = []
  let innermost = 0
  let expects = VALUE
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (expects === END_OF_VALUE && code === COMMA && innermost !== 0) {
      at += 1
      expects = innermost === OBJECT ? NAME : VALUE
    } else if (isBracket(code) && !isOpening(code)) {
      // The code of a closing bracket is that of its opening one plus two.
      if (innermost !== code - 2 || expects === VALUE || expects === NAME) return at
      open.pop()
      innermost = open.length === 0 ? 0 : open[open.length - 1]!
      at += 1
      expects = END_OF_VALUE
    } else if (expects === END_OF_VALUE) {
      return at
    } else if (expects === NAME || expects === NAME_OR_END) {
      if (code !== QUOTE) return at
      const end = stringErrorOrEnd(text, at)
      if (end < 0) return ~end
      at = skipSpace(text, end)
      if (text.charCodeAt(at) !== COLON) return at
      at += 1
      expects = VALUE
    } else if (isBracket(code)) {
      open.push(code)
      innermost = code
      at += 1
      expects = code === OBJECT ? NAME_OR_END : VALUE_OR_END
    } else {
      const end = code === QUOTE ? stringErrorOrEnd(text, at) : wordEnd(text, at)
      if (end < 0) return ~end
      if (end === at) return at
      at = end
      expects = END_OF_VALUE
    }
    at = skipSpace(text, at)
  }
  return expects === END_OF_VALUE && innermost === 0 ? undefined : text.length
}

const OBJECT = 0x7b

// The kinds of what may come next. They are numbers because they are compared for every token.
const VALUE = 0
const VALUE_OR_END = 1
const NAME = 2
const NAME_OR_END = 3
const END_OF_VALUE = 4

const ESCAPED = '"\\/bfnrt'
const UNICODE_ESCAPE = 0x75
const LITERALS = ['true', 'false', 'null']
const HEX = /[0-9a-fA-F]{4}/y

/**
 * Returns the offset behind the string that begins at `openingAt`; for a wrong character, the complement (`~`) of its
 * offset.
 */
function stringErrorOrEnd(text: string, openingAt: number): number {
  let at = openingAt + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code < 0x20) return ~at
    if (code !== BACKSLASH) at += 1
    else if (text.charCodeAt(at + 1) === UNICODE_ESCAPE) {
      HEX.lastIndex = at + 2
      if (!HEX.test(text)) return ~at
      at += 6
    } else if (at + 1 < text.length && ESCAPED.includes(text[at + 1]!)) at += 2
    else return ~at
  }
  return ~at
}

/** Returns the offset behind the literal or the longest number that begins at `at`; `at` itself if there is none. */
function wordEnd(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === MINUS || isDigit(code)) return numberEnd(text, at)
  const literal = LITERALS.find(each => text.startsWith(each, at))
  return literal === undefined ? at : at + literal.length
}

const MINUS = 0x2d
const PLUS = 0x2b
const POINT = 0x2e
const ZERO = 0x30
const LOWER_CASE = 0x20
const E = 0x65

function numberEnd(text: string, offset: number): number {
  const first = text.charCodeAt(offset) === MINUS ? offset + 1 : offset
  let end = text.charCodeAt(first) === ZERO ? first + 1 : digitsEnd(text, first)
  if (end === first) return offset
  if (text.charCodeAt(end) === POINT) end = digitsEnd(text, end + 1, end)
  if ((text.charCodeAt(end) | LOWER_CASE) !== E) return end
  const sign = text.charCodeAt(end + 1)
  return digitsEnd(text, sign === PLUS || sign === MINUS ? end + 2 : end + 1, end)
}

/** Returns the offset behind the digits at `offset`; `none` if there are none. */
function digitsEnd(text: string, offset: number, none = offset): number {
  let end = offset
  while (isDigit(text.charCodeAt(end))) end += 1
  return end === offset ? none : end
}
