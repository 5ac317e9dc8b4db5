import type { CounterName } from '../../contract/metrics.ts'
import type { TimelinePoint } from '../../contract/run-result.ts'
import type { Clock } from '../../core/clock.ts'
import type { Concurrency } from './concurrency.ts'
import type { GeneratorMonitor } from './generator-monitor.ts'
import type { SnapshotRecorder } from './snapshot-recorder.ts'

/** Shortest interval over which a rate is meaningful. */
const SHORTEST_POINT_MS = 250

/** Sources of a timeline. */
export interface TimelineSources {
  clock: Clock
  recorder: SnapshotRecorder
  users: Concurrency
  streams: Concurrency
  sockets: Concurrency
  /** Returns the arrivals that have been due. */
  offered: () => number
  monitor: GeneratorMonitor
  startedAt: number
  /** Open models have an offered rate. */
  open: boolean
}

interface Totals {
  opened: number
  requests: number
  failed: number
  iterations: number
  published: number
  delivered: number
  dropped: number
  offered: number
}

/** The run second by second. Rates are over the true length of each second. */
export class Timeline {
  readonly points: TimelinePoint[] = []
  /** Shares of the seconds spent on collecting garbage, point by point. */
  readonly gcShares: number[] = []
  readonly #sources: TimelineSources
  #closedAt: number
  #before: Totals

  constructor(sources: TimelineSources) {
    this.#sources = sources
    this.#closedAt = sources.startedAt
    this.#before = this.#totals()
  }

  /** Adds the point of the second that ends now. */
  close(): TimelinePoint {
    const { clock, recorder, users, streams, sockets, monitor, startedAt, open } = this.#sources
    const now = clock.now()
    const seconds = Math.max(now - this.#closedAt, 1) / 1000
    const totals = this.#totals()
    const perSecond = (name: keyof Totals) => (totals[name] - this.#before[name]) / seconds
    const { http_req_duration, http_req_service_time, send_delay, event_e2e_latency } = recorder.interval
    const generator = monitor.read()
    const point: TimelinePoint = {
      atMs: now - startedAt,
      activeUsers: users.takePeak(),
      openStreams: streams.takePeak(),
      openSockets: sockets.takePeak(),
      openedPerSecond: perSecond('opened'),
      requestsPerSecond: perSecond('requests'),
      failuresPerSecond: perSecond('failed'),
      iterationsPerSecond: perSecond('iterations'),
      ...(open && { offeredPerSecond: perSecond('offered') }),
      publishedPerSecond: perSecond('published'),
      deliveredPerSecond: perSecond('delivered'),
      droppedIterations: totals.dropped - this.#before.dropped,
      responseP50Ms: http_req_duration.percentile(50),
      responseP95Ms: http_req_duration.percentile(95),
      responseP99Ms: http_req_duration.percentile(99),
      serviceP95Ms: http_req_service_time.percentile(95),
      e2eP50Ms: event_e2e_latency.percentile(50),
      e2eP99Ms: event_e2e_latency.percentile(99),
      sendDelayP99Ms: send_delay.percentile(99),
      generatorCpu: generator.cpu,
      eventLoopDelayP99Ms: generator.eventLoopDelayP99Ms,
    }
    this.points.push(point)
    this.gcShares.push(generator.gc)
    this.#before = totals
    this.#closedAt = now
    recorder.startInterval()
    return point
  }

  /** Ends the timeline. The rest of the last second becomes a point too, unless it is too short for a rate. */
  end(): void {
    const { clock, users, streams, sockets } = this.#sources
    if (clock.now() - this.#closedAt >= SHORTEST_POINT_MS) this.close()
    const last = this.points.at(-1)
    if (last === undefined) return
    // No peak may be missing in a chart.
    last.activeUsers = Math.max(last.activeUsers, users.takePeak())
    last.openStreams = Math.max(last.openStreams, streams.takePeak())
    last.openSockets = Math.max(last.openSockets, sockets.takePeak())
  }

  #totals(): Totals {
    const { recorder, offered } = this.#sources
    const { snapshot } = recorder
    const total = (metric: CounterName) => snapshot.total(metric)
    return {
      opened: total('sse_sessions') + total('ws_sessions'),
      requests: total('http_reqs'),
      failed: snapshot.hits('http_req_failed'),
      iterations: total('iterations'),
      published: total('events_published'),
      delivered: total('sse_events') + total('ws_events'),
      dropped: total('dropped_iterations'),
      offered: offered(),
    }
  }
}
