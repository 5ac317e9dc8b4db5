import type { AppliedOperation } from '../../../contract/sockets/collaboration.ts'

/**
 * Operational transformation with a central order (Nichols et al. 1995, "Jupiter"; Google Wave): the operation as it means
 * the same behind `earlier`, which was made to the same text and came first. Of two insertions at one place the earlier stays in
 * front. A deletion spares what was inserted inside of it: it falls in two, lower positions first, both of the same text.
 */
export function transform(operation: AppliedOperation, earlier: AppliedOperation): AppliedOperation[] {
  if (operation.type === 'insert_text') return [{ ...operation, position: moved(operation.position, earlier) }]
  const [start, end] = [operation.position, operation.position + operation.length]
  if (earlier.type === 'insert_text' && start < earlier.position && earlier.position < end) {
    return [deletion(start, earlier.position), deletion(moved(earlier.position, earlier), moved(end, earlier))]
  }
  // What was inserted right behind the end is not in its way; what was inserted right at the start pushes all of it.
  const isBefore = earlier.type === 'insert_text' && end <= earlier.position
  return [isBefore ? operation : deletion(moved(start, earlier), moved(end, earlier))]
}

/** The text with the operation applied to it. */
export function applied(operation: AppliedOperation, text: string): string {
  const { position } = operation
  const head = text.slice(0, position)
  // Joined, not added: V8 keeps a concatenation as a tree, with some thirty bytes per typed letter.
  if (operation.type === 'insert_text') return [head, operation.text, text.slice(position)].join('')
  return [head, text.slice(position + operation.length)].join('')
}

/** How much longer it makes a text. */
export function growth(operation: AppliedOperation): number {
  return operation.type === 'insert_text' ? operation.text.length : -operation.length
}

/** Where a place is, once the operation was applied. */
function moved(place: number, operation: AppliedOperation): number {
  const { position } = operation
  if (place < position) return place
  return operation.type === 'insert_text' ? place + operation.text.length : Math.max(position, place - operation.length)
}

function deletion(start: number, end: number): AppliedOperation {
  return { type: 'delete_text', position: start, length: end - start }
}
