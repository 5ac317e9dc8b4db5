import { isTextAt } from '../../core/text-at.ts'

const SPACE = 0x20
export const QUOTE = 0x22
const PLUS = 0x2b
const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const LOWER_E = 0x65
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** From the octet that opens an object or a list to the one that closes it. */
const CLOSING = CLOSE_LIST - OPEN_LIST
/** With this bit, an ASCII letter is in lower case. */
const CASE_BIT = 0x20

/** Marks the octets that stand for themselves in a text of JSON: ASCII without controls, quotes and backslashes. */
const PLAIN = new Uint8Array(256)
for (let octet = SPACE; octet < 0x7f; octet += 1) if (octet !== QUOTE && octet !== BACKSLASH) PLAIN[octet] = 1

const LITERALS = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')] as const

const MOST_DEPTH = 32
/** Whole numbers of up to this many digits are exact. */
const MOST_DIGITS = 15

/** How an object or a list in an object is read: by a parser, without a look at its names, or with one. */
export type Entrance = 'parse' | 'skip' | 'look'

/**
 * Reads fields from the bytes of an object of JSON, without making the object. It knows the part of JSON that nearly all messages are in: plain
 * ASCII without escapes. What it accepts is an object to `JSON.parse`, too, with the same fields.
 */
export abstract class ObjectScanner {
  /** The bit of each length that a wanted name has. */
  readonly #lengths: number
  /** 1 where the value at this depth is a list. */
  readonly #lists = new Uint8Array(MOST_DEPTH + 1)

  /** @param names of the wanted fields, of up to 31 characters */
  constructor(names: readonly Uint8Array[]) {
    this.#lengths = names.reduce((lengths, { length }) => lengths | (1 << length), 0)
  }

  /** Takes the value of a field whose name may be a wanted one. Returns false for one that needs a parser. */
  protected abstract take(
    bytes: Buffer,
    keyAt: number,
    keyLength: number,
    start: number,
    end: number,
    depth: number,
  ): boolean

  /** A field begins whose value is an object or a list, and whose name may be a wanted one. */
  protected abstract enter(bytes: Buffer, keyAt: number, keyLength: number, depth: number): Entrance

  /** Reads the fields. Returns false for an object that needs a parser: then they mean nothing. */
  protected scanObject(bytes: Buffer, start: number, end: number): boolean {
    const lists = this.#lists
    const lengths = this.#lengths
    if (bytes[start] !== OPEN_OBJECT) return false
    let depth = 1
    /** Names are looked at down to here. */
    let namedDepth = 1
    lists[depth] = 0
    let at = spacesEnd(bytes, start + 1)
    if (bytes[at] === CLOSE_OBJECT) return at + 1 === end
    let keyAt = 0
    let keyLength = 0
    for (;;) {
      // A field begins here, or a value of a list.
      if (lists[depth] === 0) {
        if (bytes[at] !== QUOTE) return false
        keyAt = at + 1
        at = plainEnd(bytes, keyAt)
        if (bytes[at] !== QUOTE) return false
        keyLength = at - keyAt
        at += 1
        if (bytes[at] === SPACE) at = spacesEnd(bytes, at)
        if (bytes[at] !== COLON) return false
        at += 1
        if (bytes[at] === SPACE) at = spacesEnd(bytes, at)
      }
      const valueAt = at
      const octet = bytes[at]!
      if (octet === QUOTE) {
        at = plainEnd(bytes, at + 1)
        if (bytes[at] !== QUOTE) return false
        at += 1
      } else if (octet === OPEN_OBJECT || octet === OPEN_LIST) {
        if (depth === MOST_DEPTH) return false
        if (((lengths >>> keyLength) & 1) === 1 && depth <= namedDepth && lists[depth] === 0) {
          const entrance = this.enter(bytes, keyAt, keyLength, depth)
          if (entrance === 'parse') return false
          if (entrance === 'look') namedDepth = 2
        }
        depth += 1
        lists[depth] = octet === OPEN_LIST ? 1 : 0
        at = spacesEnd(bytes, at + 1)
        if (bytes[at] !== octet + CLOSING) continue
        at += 1
        depth -= 1
        if (depth === 1) namedDepth = 1
      } else {
        at = isDigit(octet) ? numberEnd(bytes, at) : otherEnd(bytes, at)
        if (at === 0) return false
      }
      if (((lengths >>> keyLength) & 1) === 1 && depth <= namedDepth && lists[depth] === 0) {
        // The name has the length of a wanted one.
        if (!this.take(bytes, keyAt, keyLength, valueAt, at, depth)) return false
      }
      // A value has ended here, and perhaps those that it is in.
      for (;;) {
        if (bytes[at] === SPACE) at = spacesEnd(bytes, at)
        const next = bytes[at]
        at += 1
        if (next === COMMA) break
        if (next !== (lists[depth] === 1 ? CLOSE_LIST : CLOSE_OBJECT)) return false
        depth -= 1
        if (depth === 1) namedDepth = 1
        else if (depth === 0) return at === end
      }
      if (bytes[at] === SPACE) at = spacesEnd(bytes, at)
    }
  }
}

function spacesEnd(bytes: Buffer, start: number): number {
  let at = start
  while (bytes[at] === SPACE) at += 1
  return at
}

/** Returns the offset behind the plain octets that begin here. */
function plainEnd(bytes: Buffer, start: number): number {
  let at = start
  while (PLAIN[bytes[at]!] === 1) at += 1
  return at
}

/** Returns the offset behind the number that begins here with a digit; 0 if it is malformed. */
function numberEnd(bytes: Buffer, start: number): number {
  let at = digitsEnd(bytes, start)
  if (bytes[start] === ZERO && at > start + 1) return 0
  if (bytes[at] === DOT) {
    const fractionAt = at + 1
    at = digitsEnd(bytes, fractionAt)
    if (at === fractionAt) return 0
  }
  if ((bytes[at]! | CASE_BIT) === LOWER_E) {
    at += 1
    if (bytes[at] === PLUS || bytes[at] === MINUS) at += 1
    const exponentAt = at
    at = digitsEnd(bytes, exponentAt)
    if (at === exponentAt) return 0
  }
  return at
}

/** Returns the offset behind a negative number, true, false or null; 0 for anything else. */
function otherEnd(bytes: Buffer, start: number): number {
  if (bytes[start] === MINUS) return isDigit(bytes[start + 1]!) ? numberEnd(bytes, start + 1) : 0
  const literal = LITERALS.find(text => isTextAt(bytes, start, text))
  return literal === undefined ? 0 : start + literal.length
}

function digitsEnd(bytes: Buffer, start: number): number {
  let at = start
  while (isDigit(bytes[at]!)) at += 1
  return at
}

function isDigit(octet: number): boolean {
  return octet >= ZERO && octet <= NINE
}

/** Returns the number between these offsets; undefined for one with a sign, a fraction or many digits, and for anything else. */
export function wholeNumber(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start > MOST_DIGITS) return undefined
  let value = 0
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at]!
    if (!isDigit(octet)) return undefined
    value = value * 10 + octet - ZERO
  }
  return value
}

/** Returns the text between these offsets: the known one if it is equal. */
export function textOr(known: string, bytes: Buffer, start: number, end: number): string {
  const { length } = known
  if (length !== end - start) return bytes.toString('latin1', start, end)
  for (let at = 0; at < length; at += 1) {
    if (known.charCodeAt(at) !== bytes[start + at]) return bytes.toString('latin1', start, end)
  }
  return known
}
