import type { Closer, StreamTotals } from '../../contract/run-connections.ts'
import { Histogram } from '../../core/histogram.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { summarise } from './trend-summary.ts'

/** Returns the totals of the run's SSE streams. */
export function streamTotals(snapshot: Snapshot, peakOpen: number): StreamTotals {
  return {
    opened: snapshot.total('sse_sessions'),
    reconnects: snapshot.total('reconnects', { transport: 'sse' }),
    resets: snapshot.total('sse_resets'),
    peakOpen,
    connecting: summarise(snapshot.histogram('sse_connecting')),
    firstEvent: summarise(snapshot.histogram('sse_time_to_first_event')),
    closed: closings(snapshot),
  }
}

/** Side that ended a connection, by the reason tag of its session. */
export const closers: Readonly<Record<string, Closer>> = { end: 'client', server: 'target' }

function closings(snapshot: Snapshot): StreamTotals['closed'] {
  const lifetimes = new Map<Closer, Histogram>()
  for (const { tags, value } of snapshot.select('sse_session_duration')) {
    const by = closers[tags.reason ?? ''] ?? 'lost'
    let lifetime = lifetimes.get(by)
    if (lifetime === undefined) lifetimes.set(by, (lifetime = new Histogram()))
    lifetime.merge(value.histogram)
  }
  return [...lifetimes]
    .map(([by, lifetime]) => ({ by, count: lifetime.count, lifetime: summarise(lifetime) }))
    .sort((a, b) => b.count - a.count || (a.by < b.by ? -1 : 1))
}
