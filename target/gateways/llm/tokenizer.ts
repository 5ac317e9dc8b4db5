/** Characters of a word that one token holds. */
export const WORD_CHARACTERS = 6

const SPACE = 32
const FIRST_IDEOGRAPHIC = 0x2e80

/**
 * Counts the tokens of a text by a simple rule in place of a trained vocabulary: a word takes one token for each six characters
 * begun, together with the space before it. Every other character takes one of its own. Takes time linear in the text.
 */
export function countTokens(text: string): number {
  let tokens = 0
  eachToken(text, () => (tokens += 1))
  return tokens
}

/** Splits a text into its tokens, which add up to it. */
export function tokensOf(text: string): string[] {
  const tokens: string[] = []
  eachToken(text, (from, to) => tokens.push(text.slice(from, to)))
  return tokens
}

function eachToken(text: string, take: (from: number, to: number) => void): void {
  const { length } = text
  for (let at = 0; at < length; ) {
    const from = at
    if (text.charCodeAt(at) === SPACE && at + 1 < length && isOfWord(text.charCodeAt(at + 1))) at += 1
    const wordAt = at
    while (at < length && at - wordAt < WORD_CHARACTERS && isOfWord(text.charCodeAt(at))) at += 1
    // Not a word: one character, which may be two code units.
    if (at === wordAt) at += isHighSurrogate(text.charCodeAt(at)) && at + 1 < length ? 2 : 1
    take(from, at)
  }
}

/** Letters and digits of alphabets that put spaces between words. */
function isOfWord(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
  return code >= 0xaa && code < FIRST_IDEOGRAPHIC
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}
