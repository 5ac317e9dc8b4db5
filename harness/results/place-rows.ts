import type { Snapshot } from '../metrics/snapshot.ts'
import { perSecond } from './totals.ts'
import { summarise, type TrendSummary } from './trend-summary.ts'

/** The work of all workers of one place, and their measurements. The rows of all places add up to the whole. */
export interface PlaceRow {
  /** Empty for workers without a place. */
  place: string
  iterations: number
  requests: number
  requestsPerSecond: number
  failed: number
  response: TrendSummary
  service: TrendSummary
  /** How long it took to open each connection for requests or a stream. */
  connecting: TrendSummary
  sendDelay: TrendSummary
}

/** Returns a row for each place, by its name; none in a run without places. */
export function placeRows(snapshot: Snapshot, durationMs: number): PlaceRow[] {
  const tagged = (['http_reqs', 'iterations', 'http_connecting'] as const).flatMap(metric => snapshot.select(metric))
  const named = [...new Set(tagged.flatMap(({ tags }) => tags.place ?? []))].sort()
  if (named.length === 0) return []
  const hasOthers = tagged.some(({ tags }) => tags.place === undefined)
  return [...named, ...(hasOthers ? [undefined] : [])].map(place => {
    // Selects the samples without a place where it is undefined.
    const at = { place }
    const requests = snapshot.total('http_reqs', at)
    return {
      place: place ?? '',
      iterations: snapshot.total('iterations', at),
      requests,
      requestsPerSecond: perSecond(requests, durationMs),
      failed: snapshot.hits('http_req_failed', at),
      response: summarise(snapshot.histogram('http_req_duration', at)),
      service: summarise(snapshot.histogram('http_req_service_time', at)),
      connecting: summarise(snapshot.histogram('http_connecting', at)),
      sendDelay: summarise(snapshot.histogram('send_delay', at)),
    }
  })
}
