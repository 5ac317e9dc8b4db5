import type { RunFeedState } from '../../pages/run-feed.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { spectrumOf } from '../results/spectrum.ts'
import { timesOf } from './feed-second.ts'

/** Connections that are open now. */
interface Open {
  openStreams: number
  openSockets: number
}

/** Returns the sums and distributions since the start of the loads. */
export function feedTotalsOf(snapshot: Snapshot, open: Open): Pick<RunFeedState, 'totals' | 'spectrum'> {
  const response = snapshot.histogram('http_req_duration')
  const service = snapshot.histogram('http_req_service_time')
  return {
    totals: {
      requests: snapshot.total('http_reqs'),
      failed: snapshot.hits('http_req_failed'),
      rateLimited: snapshot.hits('http_req_rate_limited'),
      iterations: snapshot.total('iterations'),
      droppedIterations: snapshot.total('dropped_iterations'),
      interruptedIterations: snapshot.total('iterations_interrupted'),
      response: timesOf(response),
      service: timesOf(service),
      sendDelayP99Ms: snapshot.histogram('send_delay').percentile(99),
      ...open,
      events: {
        published: snapshot.total('events_published'),
        delivered: snapshot.total('sse_events') + snapshot.total('ws_events') + snapshot.total('grpc_events'),
        gaps: snapshot.total('event_gaps'),
        duplicates: snapshot.total('event_duplicates'),
        outOfOrder: snapshot.total('event_out_of_order'),
        endToEnd: timesOf(snapshot.histogram('event_e2e_latency')),
      },
    },
    spectrum: spectrumOf(response, service),
  }
}
