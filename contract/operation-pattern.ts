import { globTest } from '../core/glob.ts'
import { nearest } from '../core/nearest.ts'
import { type KnownOperation, operationNames, operations } from './operations.ts'

const groups = new Set(Object.keys(operations).map(name => `${name.slice(0, name.indexOf('.'))}.*`))
const known = [...Object.keys(operations), ...groups]

/** `orders.create` is one operation, `orders.*` all of its group. */
export function matchesOperation(pattern: string, operation: KnownOperation): boolean {
  return pattern === operation || (pattern.endsWith('.*') && operation.startsWith(pattern.slice(0, -1)))
}

/** Returns the error in a pattern that is neither an operation nor a group; undefined for a good pattern. */
export function patternError(pattern: string): string | undefined {
  return known.includes(pattern) ? undefined : unknownOperation(pattern)
}

/** Returns the error in a pattern that fits no operation, where `*` stands for any text; undefined if it fits some. */
export function looserPatternError(pattern: string): string | undefined {
  const fits = globTest(pattern)
  return operationNames.some(fits) ? undefined : unknownOperation(pattern)
}

function unknownOperation(pattern: string): string {
  const meant = nearest(pattern, known)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `expected an operation such as orders.create or orders.*, got ${JSON.stringify(pattern)}${hint}`
}
