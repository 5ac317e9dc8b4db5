import { Type } from 'typebox'
import type { PointedError } from './problem.ts'

/** Unicode code points in the longest name. */
export const longestName = 256

/**
 * The one rule for everything that clients name: streams, event types, consumer groups, regions, rooms, topics, symbols, documents, tenants,
 * runs and keys. Control characters would break lines and labels, and `.` and `..` paths. The pattern is for the flag `u`.
 */
export const namePattern = `^(?!\\.{1,2}$)[^\\p{Cc}\\p{Cs}]{1,${longestName}}$`

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
