import { isRedirect } from '../client/message/redirects.ts'
import type { TrendName } from '../metrics/catalog.ts'
import type { Second } from '../metrics/measurements.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { socketTotals, streamTotals } from './connections.ts'
import { mostIn } from './timeline.ts'
import { summarise } from './trend-summary.ts'

export type Totals = ReturnType<typeof totalsOf>

/** Returns the totals of a run. */
export function totalsOf(snapshot: Snapshot, seconds: readonly Second[], durationMs: number) {
  const requests = snapshot.total('http_reqs')
  const trend = (metric: TrendName) => summarise(snapshot.histogram(metric))
  const peak = (gauge: Parameters<typeof mostIn>[1]) => Math.max(0, ...seconds.map(second => mostIn(second, gauge)))
  return {
    requests,
    /** Requests of `requests` with an answer over HTTP/2; all others are HTTP/1.1. */
    http2Requests: snapshot.total('http_req_http2'),
    requestsPerSecond: perSecond(requests, durationMs),
    failedRequests: snapshot.hits('http_req_failed'),
    /** Answers that were 429, expected or not. */
    rateLimited: snapshot.hits('http_req_rate_limited'),
    /** Requests that were sent again. */
    retries: snapshot.total('http_req_retries'),
    /** Number of `requests` that were sent once more because the server was just closing the kept-alive connection. */
    resent: snapshot.total('http_req_resent'),
    /** Answers that redirect, and how many of them were followed. */
    redirects: { answered: redirectsAnswered(snapshot), followed: snapshot.total('http_req_redirects') },
    iterations: snapshot.total('iterations'),
    iterationsPerSecond: perSecond(snapshot.total('iterations'), durationMs),
    iteration: trend('iteration_duration'),
    droppedIterations: snapshot.total('dropped_iterations'),
    interruptedIterations: snapshot.total('iterations_interrupted'),
    failedIterations: snapshot.total('iterations_failed'),
    peakUsers: peak('users'),
    sentBytes: snapshot.total('data_sent'),
    receivedBytes: snapshot.total('data_received'),
    /** Over all requests but streams: from when due, from when sent, and the difference that the generator made. */
    response: trend('http_req_duration'),
    service: trend('http_req_service_time'),
    sendDelay: trend('send_delay'),
    /** Time to first byte: from writing a request to the head of its answer. */
    waiting: trend('http_req_waiting'),
    /** How long it took to open each connection for requests or a stream. */
    connecting: trend('http_connecting'),
    /** How long each TLS handshake took, also those of WebSockets. */
    tlsHandshaking: trend('tls_handshaking'),
    events: {
      published: snapshot.total('events_published'),
      accepted: snapshot.total('events_accepted'),
      duplicate: snapshot.total('events_duplicate'),
      rejected: snapshot.total('events_rejected'),
      /** Events that were sent, and whose outcome no answer reports. */
      unknown:
        snapshot.total('outcomes_unknown', { operation: 'events.publish' }) +
        snapshot.total('outcomes_unknown', { operation: 'events.batch' }) +
        snapshot.total('outcomes_unknown', { operation: 'grpc.publish' }) +
        snapshot.total('outcomes_unknown', { operation: 'grpc.publish_all' }),
      /** On streams; `gaps` and all below are of WebSockets as well. */
      delivered: snapshot.total('sse_events') + snapshot.total('grpc_events'),
      gaps: snapshot.total('event_gaps'),
      duplicates: snapshot.total('event_duplicates'),
      outOfOrder: snapshot.total('event_out_of_order'),
      /** Events of streams without an offset, so that gaps, repeats and order could not be checked. */
      unplaced: snapshot.total('sse_events_unplaced'),
      e2e: trend('event_e2e_latency'),
      /** From the first consumer that received an event to the last; of a sample, see `event_fanout_skew`. */
      fanOutSkew: trend('event_fanout_skew'),
    },
    streams: streamTotals(snapshot, peak('streams')),
    sockets: socketTotals(snapshot, peak('sockets')),
    /** As `jobs.follow` saw them end; `duration` from when the submit was due. */
    jobs: {
      submitted: snapshot.total('jobs_submitted'),
      completed: snapshot.total('jobs_completed'),
      failed: snapshot.total('jobs_failed'),
      duration: trend('job_duration'),
    },
    tokens: { issued: snapshot.total('tokens_issued'), refreshed: snapshot.total('tokens_refreshed') },
  }
}

function redirectsAnswered(snapshot: Snapshot): number {
  const redirects = snapshot.select('http_reqs').filter(({ tags }) => isRedirect(Number(tags.status)))
  return redirects.reduce((sum, { value }) => sum + value.total, 0)
}

export function perSecond(count: number, durationMs: number): number {
  return durationMs > 0 ? (count * 1000) / durationMs : 0
}
