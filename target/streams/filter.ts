import type { StoredEvent } from './event.ts'

/** What a consumer wants to see of its streams; one or both are there. */
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
