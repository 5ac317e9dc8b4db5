import { Type } from '../core/schema.ts'
import type { PointedError } from '../core/check.ts'

/** Unicode code points in the longest name. */
export const longestName = 256

/** Control characters and lone surrogates, which no name contains. The notation also works in other languages. */
const BARRED = '\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff'

/**
 * The rule for everything that clients name: streams, event types, consumer groups, regions, rooms, topics, symbols, documents,
 * tenants, runs and keys. Control characters would break lines and labels; `.` and `..` would break paths. The pattern needs the
 * flag `u`.
 */
export const namePattern =
  `^([^.${BARRED}][^${BARRED}]{0,${longestName - 1}}` +
  `|\\.[^.${BARRED}][^${BARRED}]{0,${longestName - 2}}|\\.\\.[^${BARRED}]{1,${longestName - 2}})$`

export const nameRule = `a name: 1…${longestName} characters without control characters and lone surrogates, and neither . nor ..`

export const Name = Type.String({ pattern: namePattern, expected: nameRule })

const name = new RegExp(namePattern, 'u')

export function isName(text: string): boolean {
  return name.test(text)
}

/** Tells whether all of these errors concern invalid names. */
export function areOfNames(errors: readonly PointedError[]): boolean {
  return errors.length > 0 && errors.every(({ detail }) => detail.includes(nameRule))
}
