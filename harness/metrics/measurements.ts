import { CompactHistogram } from '../../core/compact-histogram.ts'
import { Breakdown } from './breakdown.ts'
import type { CounterName } from './catalog.ts'
import type { GeneratorReading } from './generator-monitor.ts'
import type { Interval } from './interval.ts'
import { loadSecondsOf, loadSecondsWithin, type LoadSeconds, mergeLoadSeconds } from './load-seconds.ts'
import { mergeObservations, nothingObserved, type Observations } from './observations.ts'
import { Snapshot } from './snapshot.ts'

/** Trends that are also kept second by second. */
const secondTrends = [
  'http_req_duration',
  'http_req_service_time',
  'http_req_waiting',
  'http_connecting',
  'send_delay',
  'event_e2e_latency',
] as const
type SecondTrend = (typeof secondTrends)[number]

/** Buckets of a second's histogram in a run of an hour; half as many for each time that the run is twice as long. */
const MOST_BUCKETS = 512
const FINE_SECONDS = 3600

/** One second of the run, over all workers. */
export interface Second {
  second: number
  fromMs: number
  toMs: number
  counts: SecondCounts
  trends: Record<SecondTrend, CompactHistogram>
  workers: Map<number, WorkerSecond>
  /** Empty in a run without `loads`. */
  loads: LoadSeconds
}

interface SecondCounts {
  opened: number
  requests: number
  failed: number
  iterations: number
  published: number
  delivered: number
  dropped: number
  offered: number
  sentBytes: number
  receivedBytes: number
}

interface WorkerSecond {
  gauges: Interval['gauges']
  generator?: GeneratorReading
}

/** Everything measured in a run or in a part of it. Merging is associative and commutative. */
export class Measurements {
  readonly snapshot = new Snapshot()
  observations: Observations = nothingObserved
  breakdown = new Breakdown()
  readonly #seconds = new Map<number, Second>()
  #mostBuckets = MOST_BUCKETS

  /** Returns the seconds in order. */
  get seconds(): Second[] {
    return [...this.#seconds.values()].sort((a, b) => a.second - b.second)
  }

  second(ordinal: number): Second | undefined {
    return this.#seconds.get(ordinal)
  }

  add({ second, worker, place, fromMs, toMs, delta, offered, gauges, loads, generator, observations }: Interval): void {
    this.snapshot.absorb(delta, place)
    if (observations !== undefined) this.observations = mergeObservations(this.observations, observations)
    if (second < 0) return
    this.breakdown.add(second, delta)
    this.#addSecond({
      second,
      fromMs,
      toMs,
      counts: countsOf(delta, offered),
      trends: mapTrends(trend => this.#trendOf(delta, trend)),
      workers: new Map([[worker, generator === undefined ? { gauges } : { gauges, generator }]]),
      loads: loadSecondsOf(loads ?? [], delta, { worker, mostBuckets: this.#mostBuckets }),
    })
  }

  merge(other: Measurements): Measurements {
    const sum = new Measurements()
    for (const one of [this, other]) {
      sum.snapshot.absorb(one.snapshot)
      sum.observations = mergeObservations(sum.observations, one.observations)
      for (const second of one.#seconds.values()) sum.#addSecond(second)
    }
    sum.breakdown = this.breakdown.merge(other.breakdown)
    return sum
  }

  #trendOf(delta: Snapshot, trend: SecondTrend): CompactHistogram {
    const histograms = delta.select(trend).map(({ value }) => value.histogram)
    return CompactHistogram.sum(histograms, this.#mostBuckets)
  }

  #addSecond(added: Second): void {
    const most = mostBucketsIn(added.second + 1)
    if (most < this.#mostBuckets) {
      this.#mostBuckets = most
      for (const second of this.#seconds.values()) coarsen(second, most)
    }
    const known = this.#seconds.get(added.second)
    // A copy, because the trends of a second are replaced when its run gets longer.
    const sum =
      known === undefined ? coarsen({ ...added }, this.#mostBuckets) : mergeSeconds(known, added, this.#mostBuckets)
    this.#seconds.set(added.second, sum)
  }
}

/** Returns the bound for each second, so that the memory of all seconds together is bounded. */
function mostBucketsIn(seconds: number): number {
  return Math.max(1, MOST_BUCKETS >> Math.max(0, Math.ceil(Math.log2(seconds / FINE_SECONDS))))
}

function mapTrends(make: (trend: SecondTrend) => CompactHistogram): Second['trends'] {
  return Object.fromEntries(secondTrends.map(trend => [trend, make(trend)])) as Second['trends']
}

function trendsWithin(trends: Second['trends'], most: number): Second['trends'] {
  return mapTrends(trend => trends[trend].within(most))
}

/** Makes the times of a second coarser. */
function coarsen(second: Second, most: number): Second {
  second.trends = trendsWithin(second.trends, most)
  second.loads = loadSecondsWithin(second.loads, most)
  return second
}

function countsOf(delta: Snapshot, offered: number): SecondCounts {
  const total = (metric: CounterName) => delta.total(metric)
  return {
    opened: total('sse_sessions') + total('ws_sessions') + total('grpc_streams'),
    requests: total('http_reqs'),
    failed: delta.hits('http_req_failed'),
    iterations: total('iterations'),
    published: total('events_published'),
    delivered: total('sse_events') + total('ws_events') + total('grpc_events'),
    dropped: total('dropped_iterations'),
    offered,
    sentBytes: total('data_sent'),
    receivedBytes: total('data_received'),
  }
}

function mergeSeconds(one: Second, other: Second, mostBuckets: number): Second {
  const counts = { ...one.counts }
  for (const name of Object.keys(counts) as (keyof SecondCounts)[]) counts[name] += other.counts[name]
  const workers = new Map(one.workers)
  for (const [worker, added] of other.workers) {
    const known = workers.get(worker)
    workers.set(worker, known === undefined ? added : mergeWorkerSeconds(known, added))
  }
  return {
    second: one.second,
    fromMs: Math.min(one.fromMs, other.fromMs),
    toMs: Math.max(one.toMs, other.toMs),
    counts,
    trends: mapTrends(trend => one.trends[trend].merge(other.trends[trend], mostBuckets)),
    workers,
    loads: mergeLoadSeconds(one.loads, other.loads, mostBuckets),
  }
}

/** Merges two parts of one second of a worker. No peak may be missing in a chart. */
function mergeWorkerSeconds(one: WorkerSecond, other: WorkerSecond): WorkerSecond {
  const gauges = {
    users: Math.max(one.gauges.users, other.gauges.users),
    streams: Math.max(one.gauges.streams, other.gauges.streams),
    sockets: Math.max(one.gauges.sockets, other.gauges.sockets),
  }
  const readings = [one.generator, other.generator].filter(reading => reading !== undefined)
  return readings.length === 0 ? { gauges } : { gauges, generator: worstOf(readings) }
}

/** Returns the worst of each reading: one worker that is late makes the numbers doubtful. */
export function worstOf(readings: readonly GeneratorReading[]): GeneratorReading {
  return {
    cpu: Math.max(0, ...readings.map(({ cpu }) => cpu)),
    eventLoopDelayP99Ms: Math.max(0, ...readings.map(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms)),
    gc: Math.max(0, ...readings.map(({ gc }) => gc)),
  }
}
