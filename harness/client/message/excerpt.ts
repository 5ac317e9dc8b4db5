import { CONCEALED, withoutSecrets } from '../../../core/concealed.ts'
import { shortened } from '../../../core/shortened.ts'

const LONGEST_EXCERPT = 120
const MOST_NAMES = 8
const LONGEST_NAME = 30

const VALUE_ATTRIBUTE = /(\b(?:value|content)\s*=\s*)(?:"[^"]*"?|'[^']*'?)/gi
/** Text that looks drawn rather than written: long, with digits and letters. */
const LOOKS_DRAWN = /(?=[\w+/=.~-]*\d)(?=[\w+/=.~-]*[a-z])[\w+/=.~-]{20,}/gi

/** Returns the beginning of a text in one line, without what looks secret. */
export function excerptWithoutSecrets(text: string): string {
  if (text === '') return 'an empty body'
  // Concealed before it is cut, so that no part of a secret is left at the end.
  const concealed = withoutSecrets(text.slice(0, 8 * LONGEST_EXCERPT).replaceAll(VALUE_ATTRIBUTE, `$1"${CONCEALED}"`))
    .replaceAll(LOOKS_DRAWN, CONCEALED)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return JSON.stringify(shortened(concealed, LONGEST_EXCERPT))
}

/** Returns the names in quotes; only the first of many. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return '(none)'
  const first = names.slice(0, MOST_NAMES).map(name => JSON.stringify(shortened(name, LONGEST_NAME)))
  return first.join(', ') + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '')
}
