import type { CounterName } from './catalog.ts'
import type { TimelinePoint } from '../results/run-result.ts'
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

interface RunningTotals {
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
  #before: RunningTotals
  /** Where the last point began, so that what is left at the end can be added to it. */
  #last: { openedAt: number; before: RunningTotals } | undefined

  constructor(sources: TimelineSources) {
    this.#sources = sources
    this.#closedAt = sources.startedAt
    this.#before = this.#totals()
  }

  /** Adds the point of the second that ends now. */
  close(now = this.#sources.clock.now()): TimelinePoint {
    const { recorder, users, streams, sockets, monitor } = this.#sources
    const totals = this.#totals()
    const { http_req_duration, http_req_service_time, send_delay, event_e2e_latency } = recorder.interval
    const generator = monitor.read()
    const point: TimelinePoint = {
      ...this.#ratesUntil(now, totals, this.#closedAt, this.#before),
      activeUsers: users.takePeak(),
      openStreams: streams.takePeak(),
      openSockets: sockets.takePeak(),
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
    this.#last = { openedAt: this.#closedAt, before: this.#before }
    this.#before = totals
    this.#closedAt = now
    recorder.startInterval()
    return point
  }

  /**
   * Ends the timeline at `now`, with all that was counted since its last point. The rest of the last second becomes a point
   * too; one that is too short for a rate makes the point before it longer.
   */
  end(now: number): void {
    const { users, streams, sockets } = this.#sources
    const last = this.points.at(-1)
    if (last === undefined || this.#last === undefined || now - this.#closedAt >= SHORTEST_POINT_MS) {
      this.close(now)
      return
    }
    const { openedAt, before } = this.#last
    Object.assign(last, this.#ratesUntil(Math.max(now, this.#closedAt), this.#totals(), openedAt, before))
    // No peak may be missing in a chart.
    last.activeUsers = Math.max(last.activeUsers, users.takePeak())
    last.openStreams = Math.max(last.openStreams, streams.takePeak())
    last.openSockets = Math.max(last.openSockets, sockets.takePeak())
  }

  #ratesUntil(now: number, totals: RunningTotals, openedAt: number, before: RunningTotals) {
    const { startedAt, open } = this.#sources
    const seconds = Math.max(now - openedAt, 1) / 1000
    const perSecond = (name: keyof RunningTotals) => (totals[name] - before[name]) / seconds
    return {
      atMs: now - startedAt,
      openedPerSecond: perSecond('opened'),
      requestsPerSecond: perSecond('requests'),
      failuresPerSecond: perSecond('failed'),
      iterationsPerSecond: perSecond('iterations'),
      ...(open && { offeredPerSecond: perSecond('offered') }),
      publishedPerSecond: perSecond('published'),
      deliveredPerSecond: perSecond('delivered'),
      droppedIterations: totals.dropped - before.dropped,
    }
  }

  #totals(): RunningTotals {
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
