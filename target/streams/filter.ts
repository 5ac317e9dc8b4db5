import type { StoredEvent } from './event.ts'

/** What a consumer wants to see of its streams; absent means everything. */
export interface Filter {
  partitions?: ReadonlySet<number>
  types?: ReadonlySet<string>
}

export function passes({ partitions, types }: Filter, event: StoredEvent): boolean {
  if (partitions !== undefined && !partitions.has(event.partition)) return false
  return types === undefined || types.has(event.type)
}
