export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COMMA = 0x2c
export const COLON = 0x3a
const OPENING = 0x5b
const CLOSING = 0x5d
/** Difference between the codes of curly and square brackets. */
const CURLY = 0x20

/** Whether a character is one of `[`, `]`, `{` and `}`. */
export function isBracket(code: number): boolean {
  const square = code & ~CURLY
  return square === OPENING || square === CLOSING
}

/** Whether a bracket is `[` or `{`. */
export function isOpening(code: number): boolean {
  return (code & ~CURLY) === OPENING
}

/**
 * Returns the offset of the closing quote of the string that begins at `openingAt`; the length of the text if there is
 * none.
 */
export function stringEnd(text: string, openingAt: number): number {
  // Searching for the next quote is much faster than looking at each character of a long string.
  for (let from = openingAt + 1; ; ) {
    const at = text.indexOf('"', from)
    if (at === -1) return text.length
    let backslashes = 0
    while (at - backslashes > from && text.charCodeAt(at - backslashes - 1) === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return at
    from = at + 1
  }
}

/** Returns the offset of the first character from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  let next = at
  while (isSpace(text.charCodeAt(next))) next += 1
  return next
}

/** Returns the offset behind the last character before `end` that is not white space. */
export function trimEnd(text: string, end: number): number {
  let last = end
  while (last > 0 && isSpace(text.charCodeAt(last - 1))) last -= 1
  return last
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
