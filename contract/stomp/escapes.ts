import type { StompVersion } from './version.ts'

/** Escapes of headers, by version: the letter after the backslash, and what it stands for. */
const letters: Readonly<Record<StompVersion, Readonly<Record<string, string>>>> = {
  '1.0': {},
  '1.1': { n: '\n', c: ':', '\\': '\\' },
  '1.2': { n: '\n', c: ':', '\\': '\\', r: '\r' },
}

/** These are never escaped, so that every version can read them. */
const PLAIN: ReadonlySet<string> = new Set(['CONNECT', 'STOMP', 'CONNECTED'])

export function areEscaped(command: string, version: StompVersion): boolean {
  return version !== '1.0' && !PLAIN.has(command)
}

const SPECIAL = /[\\\n\r:]/
const EACH_SPECIAL = /[\\\n\r:]/g

/** Returns a name or value of a header as it is written. Characters that the version cannot write become spaces. */
export function escaped(text: string, command: string, version: StompVersion): string {
  if (!SPECIAL.test(text)) return text
  if (!areEscaped(command, version)) return text.replaceAll(/[\n\r]/g, ' ')
  return text.replaceAll(EACH_SPECIAL, found => {
    const letter = Object.entries(letters[version]).find(([, meaning]) => meaning === found)?.[0]
    return letter === undefined ? ' ' : `\\${letter}`
  })
}

/** Returns what was meant by an escaped text; undefined if the version does not know an escape in it. */
export function unescaped(text: string, version: StompVersion): string | undefined {
  if (!text.includes('\\')) return text
  const known = letters[version]
  let isKnown = true
  const meant = text.replaceAll(/\\(.?)/gs, (_escape, letter: string) => {
    if (!Object.hasOwn(known, letter)) isKnown = false
    return known[letter] ?? ''
  })
  return isKnown ? meant : undefined
}
