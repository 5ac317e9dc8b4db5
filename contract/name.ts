import { Type } from 'typebox'
import type { PointedError } from './problem.ts'

/** Unicode code points in the longest name. */
export const longestName = 256

/** What no name holds: control characters and lone surrogates. Written so that other languages read the pattern as well. */
const BARRED = '\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff'

/**
 * The one rule for everything that clients name: streams, event types, consumer groups, regions, rooms, topics, symbols, documents, tenants,
 * runs and keys. Control characters would break lines and labels, and `.` and `..` paths. The pattern is for the flag `u`.
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

/** Whether these errors say nothing but that names break the rule. */
export function areOfNames(errors: readonly PointedError[]): boolean {
  return errors.length > 0 && errors.every(({ detail }) => detail.includes(nameRule))
}
