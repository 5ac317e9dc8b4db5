import type { Snapshot } from '../metrics/snapshot.ts'
import { type TrendSummary, summarise } from './trend-summary.ts'

/** A group of the scenario: `checkout`, or `checkout::payment` for a group within it. */
export interface GroupRow {
  group: string
  /** How often it was run to its end, and how often it threw. */
  count: number
  failed: number
  duration: TrendSummary
  /** Requests of the group itself, without those of groups within it. */
  requests: number
  failedRequests: number
  response: TrendSummary
}

/** Returns a row for each group, by its path. */
export function groupRows(snapshot: Snapshot): GroupRow[] {
  const tagged = (['group_duration', 'groups_failed', 'http_reqs'] as const).flatMap(metric => snapshot.select(metric))
  const groups = new Set(tagged.flatMap(({ tags }) => tags.group ?? []))
  return [...groups].sort().map(group => {
    const duration = summarise(snapshot.histogram('group_duration', { group }))
    return {
      group,
      count: duration.count,
      failed: snapshot.total('groups_failed', { group }),
      duration,
      requests: snapshot.total('http_reqs', { group }),
      failedRequests: snapshot.hits('http_req_failed', { group }),
      response: summarise(snapshot.histogram('http_req_duration', { group })),
    }
  })
}
