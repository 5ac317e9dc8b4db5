import type { AppliedOperation } from '../../../contract/sockets/collaboration.ts'

/**
 * Operational transformation with a central order (Nichols et al. 1995, "Jupiter"; Google Wave). Returns the operation that has
 * the same meaning after `earlier`, which was made on the same text and came first. Of two insertions at one position, the
 * earlier one stays in front. A deletion spares text that was inserted within it: it splits in two, lower positions first,
 * both relative to the same text.
 */
export function transform(operation: AppliedOperation, earlier: AppliedOperation): AppliedOperation[] {
  if (operation.type === 'insert_text') return [{ ...operation, position: moved(operation.position, earlier) }]
  const [start, end] = [operation.position, operation.position + operation.length]
  if (earlier.type === 'insert_text' && start < earlier.position && earlier.position < end) {
    return [deletion(start, earlier.position), deletion(moved(earlier.position, earlier), moved(end, earlier))]
  }
  // An insertion right after the end has no effect on it; an insertion right at the start moves all of it.
  const isBefore = earlier.type === 'insert_text' && end <= earlier.position
  return [isBefore ? operation : deletion(moved(start, earlier), moved(end, earlier))]
}

/** Returns the text after the operation. */
export function applied(operation: AppliedOperation, text: string): string {
  const { position } = operation
  const head = text.slice(0, position)
  // Joined instead of concatenated: V8 keeps concatenations as a tree, with some thirty bytes for each typed letter.
  if (operation.type === 'insert_text') return [head, operation.text, text.slice(position)].join('')
  return [head, text.slice(position + operation.length)].join('')
}

/** Returns the number of characters that the operation adds to a text; negative for a deletion. */
export function growth(operation: AppliedOperation): number {
  return operation.type === 'insert_text' ? operation.text.length : -operation.length
}

/** Returns the position of a place after the operation. */
function moved(place: number, operation: AppliedOperation): number {
  const { position } = operation
  if (place < position) return place
  return operation.type === 'insert_text' ? place + operation.text.length : Math.max(position, place - operation.length)
}

function deletion(start: number, end: number): AppliedOperation {
  return { type: 'delete_text', position: start, length: end - start }
}
