import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { Histogram } from '../../core/histogram.ts'
import type { AuditSecond } from './audit-result.ts'
import { endedAt, isFollowed } from './truth.ts'

/** Longest run that is drawn second by second. */
const MOST_SECONDS = 24 * 3600

/** Returns one row a second in which requests were sent or under way. */
export function timelineOf(records: readonly LedgerRecord[]): AuditSecond[] {
  const firstAt = records.reduce((first, { startedAt }) => Math.min(first, startedAt), Number.POSITIVE_INFINITY)
  const bySecond = new Map<number, { arrivals: number; failures: number; times: Histogram }>()
  for (const { operation, startedAt, lastByteMs, status, outcome } of records) {
    const second = Math.floor((startedAt - firstAt) / 1000)
    if (second > MOST_SECONDS) continue
    const row = bySecond.get(second) ?? { arrivals: 0, failures: 0, times: new Histogram() }
    bySecond.set(second, row)
    row.arrivals += 1
    if (status >= 400 || outcome !== 'completed') row.failures += 1
    // The lifetime of a stream is no latency.
    if (!isFollowed(operation)) row.times.record(lastByteMs)
  }
  const peaks = peaksBySecond(records, firstAt)
  const last = Math.min(MOST_SECONDS, Math.max(-1, ...bySecond.keys()))
  return Array.from({ length: last + 1 }, (_, second) => {
    const { arrivals, failures, times } = bySecond.get(second) ?? { arrivals: 0, failures: 0, times: undefined }
    return {
      second,
      arrivals,
      failures,
      peakInFlight: peaks.get(second) ?? 0,
      p50Ms: times?.percentile(50) ?? 0,
      p95Ms: times?.percentile(95) ?? 0,
    }
  })
}

/** Returns the most requests under way at once in each second in which one began. */
function peaksBySecond(records: readonly LedgerRecord[], firstAt: number): Map<number, number> {
  const starts = Float64Array.from(records, ({ startedAt }) => startedAt - firstAt).sort()
  const ends = Float64Array.from(records, record => endedAt(record) - firstAt).sort()
  const peaks = new Map<number, number>()
  let ended = 0
  for (const [index, start] of starts.entries()) {
    while (ends[ended]! < start) ended += 1
    const second = Math.floor(start / 1000)
    peaks.set(second, Math.max(peaks.get(second) ?? 0, index + 1 - ended))
  }
  return peaks
}
