import { type KnownOperation, operationNames, operations } from '../../contract/operations.ts'
import { nearest } from '../../core/nearest.ts'

const groups = new Set(Object.keys(operations).map(name => `${name.slice(0, name.indexOf('.'))}.*`))

/** `orders.create` is one operation, `orders.*` all of its group. */
export function matchesOperation(pattern: string, operation: KnownOperation): boolean {
  return pattern === operation || (pattern.endsWith('.*') && operation.startsWith(pattern.slice(0, -1)))
}

/** What is wrong with a pattern that no operation matches; undefined for one that some do. */
export function patternFault(pattern: string): string | undefined {
  const known = [...operationNames.filter(name => name !== 'unmatched'), ...groups]
  if (known.some(name => name === pattern)) return undefined
  const meant = nearest(pattern, known)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `expected an operation such as orders.create or orders.*, got ${JSON.stringify(pattern)}${hint}`
}
