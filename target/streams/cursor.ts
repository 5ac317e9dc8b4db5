import { randomBytes } from 'node:crypto'

/**
 * A place in the order of all events of a tenant: after the event with this sequence, in this epoch. Any stream of the tenant,
 * or any merge of them, can be resumed there.
 */
export interface Cursor {
  epoch: string
  sequence: number
}

/** Ignores the seed: a restarted target must not accept cursors from before the restart. */
export function newEpoch(): string {
  return randomBytes(6).toString('hex')
}

export function formatCursor(epoch: string, sequence: number): string {
  return `${epoch}-${sequence.toString(36)}`
}

/** Returns undefined for a text that is not a cursor. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = /^([0-9a-f]{12})-(0|[1-9a-z][0-9a-z]{0,10})$/.exec(text) ?? []
  if (epoch === undefined || digits === undefined) return undefined
  const sequence = Number.parseInt(digits, 36)
  return Number.isSafeInteger(sequence) ? { epoch, sequence } : undefined
}
