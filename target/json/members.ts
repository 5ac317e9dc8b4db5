import { COLON, COMMA, isBracket, isOpening, QUOTE, skipSpace, stringEnd, trimEnd } from './scan.ts'

/** A member of an object in a text: the offsets of its name, of its value, and behind its value. */
export interface Member {
  name: string
  nameAt: number
  valueAt: number
  end: number
}

/** Returns the members of the object in a text, in order. The text must be JSON that `readJson` has accepted. */
export function membersOf(text: string): Member[] {
  const members: Member[] = []
  let member: Member | undefined
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const nameAt = at
      at = stringEnd(text, at)
      if (depth === 1 && member === undefined) {
        const colonAt = skipSpace(text, at + 1)
        if (text.charCodeAt(colonAt) !== COLON) return members
        const valueAt = skipSpace(text, colonAt + 1)
        member = { name: nameOf(text.slice(nameAt, at + 1)), nameAt, valueAt, end: valueAt }
        members.push(member)
        at = valueAt - 1
      }
    } else if (isBracket(code)) {
      depth += isOpening(code) ? 1 : -1
      if (depth === 0 && member !== undefined) member.end = trimEnd(text, at)
    } else if (code === COMMA && depth === 1 && member !== undefined) {
      member.end = trimEnd(text, at)
      member = undefined
    }
  }
  return members
}

/** Decodes a name that is given with its quotes and escapes. */
export function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}

/** Returns the text of a member's value; undefined if there is none. The last of several counts, as in `JSON.parse`. */
export function memberText(text: string, name: string): string | undefined {
  const member = membersOf(text).findLast(member => member.name === name)
  return member && text.slice(member.valueAt, member.end)
}

/** Removes the members with these names from the object in a text. The others stay as they were written. */
export function withoutMembers(text: string, names: readonly string[]): string {
  const kept = membersOf(text).filter(({ name }) => !names.includes(name))
  return `{${kept.map(({ nameAt, end }) => text.slice(nameAt, end)).join(',')}}`
}

/** Copies a part of a text. Otherwise V8 would keep the whole text as long as the part. */
export function detached(part: string): string {
  return Buffer.from(part).toString()
}

/** Removes line breaks from valid JSON, where they only stand between values. */
export function onOneLine(text: string): string {
  if (!text.includes('\n') && !text.includes('\r')) return text
  return text.replaceAll(/[\r\n]+[ \t]*/g, '')
}

declare global {
  interface JSON {
    /** Returns an object that `JSON.stringify` writes as this text. */
    rawJSON(text: string): object
  }
}

/**
 * Returns a value that `JSON.stringify` writes as its client did: a double cannot hold every number. Other values are returned unchanged.
 * @param text JSON that the value was read from
 */
export function asWritten<T>(value: T, text: string | undefined): T {
  const isKept = typeof value !== 'number' || text === undefined || String(value) === text
  // The object is only ever serialised, so it can stand in for the value.
  return isKept ? value : (JSON.rawJSON(text) as T)
}

/**
 * Returns an identifier as text. A number is equal to its digits, even if no double can hold it.
 * @param text JSON that the identifier was read from
 */
export function identifierText(value: string | number, text: string | undefined): string {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? (text ?? String(value)) : String(value)
}
