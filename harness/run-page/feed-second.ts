import type { CompactHistogram } from '../../core/compact-histogram.ts'
import type { RunFeedSecond, RunFeedTimes } from '../../pages/run-feed.ts'
import type { Second } from '../metrics/measurements.ts'
import { heatColumn } from '../results/heat.ts'
import type { TimelinePoint } from '../results/timeline.ts'

/** Returns a second as the page shows it. Its numbers are those of the timeline of the result. */
export function feedSecondOf(
  { second, trends }: Pick<Second, 'second' | 'trends'>,
  point: TimelinePoint,
): RunFeedSecond {
  const { http_req_duration: response, http_req_service_time: service } = trends
  return {
    second,
    atMs: Math.round(point.atMs),
    requests: point.requestsPerSecond,
    failures: point.failuresPerSecond,
    iterations: point.iterationsPerSecond,
    ...(point.offeredPerSecond !== undefined && { offered: point.offeredPerSecond }),
    droppedIterations: point.droppedIterations,
    users: point.activeUsers,
    openStreams: point.openStreams,
    openSockets: point.openSockets,
    published: point.publishedPerSecond,
    delivered: point.deliveredPerSecond,
    response: timesOf(response),
    service: timesOf(service),
    sendDelayP99Ms: point.sendDelayP99Ms,
    generatorCpu: point.generatorCpu,
    heat: heatColumn([response]),
  }
}

/** Returns the percentiles that the page shows. */
export function timesOf(times: Pick<CompactHistogram, 'percentile'>): RunFeedTimes {
  return { p50Ms: times.percentile(50), p95Ms: times.percentile(95), p99Ms: times.percentile(99) }
}
