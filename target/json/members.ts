import { COLON, COMMA, isBracket, isOpening, QUOTE, skipSpace, stringEnd, trimEnd } from './scan.ts'

/** A member of an object, as it stands in the text: the offsets of its name, of its value, and behind its value. */
export interface Member {
  name: string
  nameAt: number
  valueAt: number
  end: number
}

/** The members of the object that a text holds, in their order. The text must be JSON: `readJson` has accepted it. */
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

/** A name as it stands in a text, quotes and all, without its escapes. */
export function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}

/** The text of a member's value; of several of this name the last, which `JSON.parse` takes as well. Undefined where there is none. */
export function memberText(text: string, name: string): string | undefined {
  const member = membersOf(text).findLast(member => member.name === name)
  return member && text.slice(member.valueAt, member.end)
}

/** The object in this text without the members of these names. What is left stands as it was written. */
export function withoutMembers(text: string, names: readonly string[]): string {
  const kept = membersOf(text).filter(({ name }) => !names.includes(name))
  return `{${kept.map(({ nameAt, end }) => text.slice(nameAt, end)).join(',')}}`
}

/** A copy of a part of a text. V8 would keep all of the text for as long as the part is kept. */
export function detached(part: string): string {
  return Buffer.from(part).toString()
}

/** JSON without line breaks: in JSON that was accepted they stand between values only, where they mean nothing. */
export function onOneLine(text: string): string {
  if (!text.includes('\n') && !text.includes('\r')) return text
  return text.replaceAll(/[\r\n]+[ \t]*/g, '')
}
