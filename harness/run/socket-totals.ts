import type { SocketClosings, SocketTotals } from '../../contract/run-connections.ts'
import { Histogram } from '../../core/histogram.ts'
import { closeCodeOf } from '../../contract/sockets/close-codes.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { closers } from './stream-totals.ts'
import { summarise } from './trend-summary.ts'

/** Returns the totals of the run's WebSockets. */
export function socketTotals(snapshot: Snapshot, peakOpen: number): SocketTotals {
  return {
    opened: snapshot.total('ws_sessions'),
    reconnects: snapshot.total('reconnects', { transport: 'ws' }),
    peakOpen,
    framesSent: snapshot.total('ws_msgs_sent'),
    framesReceived: snapshot.total('ws_msgs_received'),
    events: snapshot.total('ws_events'),
    unansweredRequests: snapshot.hits('ws_req_failed'),
    connecting: summarise(snapshot.histogram('ws_connecting')),
    response: summarise(snapshot.histogram('ws_req_duration')),
    ping: summarise(snapshot.histogram('ws_ping')),
    closed: closings(snapshot),
  }
}

function closings(snapshot: Snapshot): SocketClosings[] {
  const lifetimes = new Map<string, { code: number; by: SocketClosings['by']; lifetime: Histogram }>()
  for (const { tags, value } of snapshot.select('ws_session_duration')) {
    const code = Number(tags.status ?? '1006')
    const by = closers[tags.reason ?? ''] ?? 'lost'
    const key = `${code} ${by}`
    let closings = lifetimes.get(key)
    if (closings === undefined) lifetimes.set(key, (closings = { code, by, lifetime: new Histogram() }))
    closings.lifetime.merge(value.histogram)
  }
  return [...lifetimes.values()]
    .map(({ code, by, lifetime }) => {
      const { name, meaning } = closeCodeOf(code)
      return { code, name, meaning, by, count: lifetime.count, lifetime: summarise(lifetime) }
    })
    .sort((a, b) => b.count - a.count || a.code - b.code)
}
