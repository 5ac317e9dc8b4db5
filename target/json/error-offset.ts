import { BACKSLASH, COLON, COMMA, isBracket, isOpening, QUOTE, skipSpace } from './scan.ts'

/**
 * Returns where a text stops being JSON: the offset of the first wrong character, or the length of the text if it ends too early;
 * undefined if it is JSON. `JSON.parse` gives the offset of some errors only. This takes about as long and does not recurse.
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
      const end = code === QUOTE ? stringErrorOrEnd(text, at) : endOf(WORD, text, at)
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

// What may come next. These are numbers because they are compared for every token.
const VALUE = 0
const VALUE_OR_END = 1
const NAME = 2
const NAME_OR_END = 3
const END_OF_VALUE = 4

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
/** A literal or the longest number. */
const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Returns the offset behind the string that begins at `openingAt`, or the complement (`~`) of the offset of an error. */
function stringErrorOrEnd(text: string, openingAt: number): number {
  let at = openingAt + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code < 0x20) return ~at
    if (code === BACKSLASH) {
      const end = endOf(ESCAPE, text, at)
      if (end === at) return ~at
      at = end
    } else at += 1
  }
  return ~at
}

/** Returns the offset behind what the pattern matches at `at`; `at` itself if it matches nothing there. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
