import { Histogram } from '../../core/histogram.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { type TrendSummary, summarise } from './trend-summary.ts'

/** The requests with one value of a tag of the scenario. The rows of a tag add up to all requests. */
export interface TagRow {
  tag: string
  /** Empty for the requests without this tag. */
  value: string
  requests: number
  failed: number
  response: TrendSummary
}

/** Returns a row for each value of each tag that requests have. */
export function tagRows(snapshot: Snapshot, keys: readonly string[]): TagRow[] {
  const requests = snapshot.select('http_reqs')
  return [...new Set(keys)].flatMap(tag => {
    const values = [...new Set(requests.map(({ tags }) => tags[tag] ?? ''))].sort()
    if (values.every(value => value === '')) return []
    return values.map(value => {
      const has = ({ tags }: { tags: Readonly<Record<string, string | undefined>> }) => (tags[tag] ?? '') === value
      const response = new Histogram()
      for (const each of snapshot.select('http_req_duration').filter(has)) response.merge(each.value.histogram)
      return {
        tag,
        value,
        requests: requests.filter(has).reduce((sum, each) => sum + each.value.total, 0),
        failed: snapshot
          .select('http_req_failed')
          .filter(has)
          .reduce((sum, each) => sum + each.value.hits, 0),
        response: summarise(response),
      }
    })
  })
}
