import type { Reader } from './reader.ts'

/** Of several streams, the one that comes next in the one order of their tenant; undefined at the head of all. */
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
