import type { StoredEvent } from './event.ts'

/** A consumer's choice of events; at least one of the two is set. */
export interface Filter {
  partitions?: ReadonlySet<number>
  types?: ReadonlySet<string>
}

/** Without a filter everything does. */
export function passes(filter: Filter | undefined, event: StoredEvent): boolean {
  if (filter === undefined) return true
  const { partitions, types } = filter
  if (partitions !== undefined && !partitions.has(event.partition)) return false
  return types === undefined || types.has(event.type)
}
