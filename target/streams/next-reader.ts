import type { Reader } from './reader.ts'

/** Returns the reader whose next event comes first in the order of the tenant; undefined if all are at the head. */
export function nextReader(readers: readonly Reader[]): Reader | undefined {
  let next: Reader | undefined
  let nextSequence = Number.POSITIVE_INFINITY
  for (const reader of readers) {
    const sequence = reader.peek()?.sequence
    if (sequence !== undefined && sequence < nextSequence) {
      next = reader
      nextSequence = sequence
    }
  }
  return next
}
