import type { CounterName, GaugeName, MetricName, RateName, Tags, TrendName } from '../../contract/metrics.ts'
import { Histogram } from '../../core/histogram.ts'
import type { Clock } from '../../core/clock.ts'
import type { Failure, Recorder, RequestSample, RequestTags } from './recorder.ts'
import type { Counter, Gauge, Rate, Trend, Value } from './series.ts'
import { Snapshot } from './snapshot.ts'

/** Trends whose percentiles are also wanted second by second. */
const intervalTrends = ['http_req_duration', 'http_req_service_time', 'send_delay', 'event_e2e_latency'] as const
type IntervalTrend = (typeof intervalTrends)[number]

const TOO_MANY_REQUESTS = 429

/** Records into a `Snapshot` that can be read at any time. */
export class SnapshotRecorder implements Recorder {
  readonly snapshot = new Snapshot()
  /** What came since the last `startInterval`. */
  readonly interval = Object.fromEntries(intervalTrends.map(name => [name, new Histogram()])) as Record<
    IntervalTrend,
    Histogram
  >
  readonly #clock: Clock
  readonly #startedAt: number
  /** Callers keep their tags: finding a value by the object is some ten times cheaper than by its contents. */
  readonly #valuesByTags = new WeakMap<Tags, Partial<Record<MetricName, Value>>>()
  readonly #requestsByTags = new WeakMap<RequestTags, Map<number, RequestValues>>()

  /** Offsets in the error table count from `startedAt`. */
  constructor(clock: Clock, startedAt: number) {
    this.#clock = clock
    this.#startedAt = startedAt
  }

  add(metric: CounterName, tags: Tags, amount = 1): void {
    ;(this.#value(metric, tags) as Counter).total += amount
  }

  hit(metric: RateName, tags: Tags, hit: boolean): void {
    const rate = this.#value(metric, tags) as Rate
    rate.total += 1
    if (hit) rate.hits += 1
  }

  set(metric: GaugeName, tags: Tags, value: number): void {
    const gauge = this.#value(metric, tags) as Gauge
    gauge.last = value
    gauge.max = Math.max(gauge.max, value)
  }

  time(metric: TrendName, tags: Tags, valueMs: number): void {
    ;(this.#value(metric, tags) as Trend).histogram.record(valueMs)
    if (metric in this.interval) this.interval[metric as IntervalTrend].record(valueMs)
  }

  request(sample: RequestSample): void {
    const values = this.#requestValues(sample.tags, sample.status)
    const { failure } = sample
    values.requests.total += 1
    values.failed.total += 1
    values.sentBytes.total += sample.sentBytes
    values.receivedBytes.total += sample.receivedBytes
    if (values.rateLimited !== undefined) {
      values.rateLimited.total += 1
      if (sample.status === TOO_MANY_REQUESTS) values.rateLimited.hits += 1
    }
    if (failure !== undefined) {
      values.failed.hits += 1
      const { tags, status } = sample
      this.snapshot.errors.record(
        { ...failure, name: tags.name, ...(status > 0 && { status }) },
        sample.endedAt - this.#startedAt,
      )
    }
    // The end of a stream is no answer, and neither is the one that the harness itself put to a request.
    if (!sample.stream && failure?.reason !== 'interrupted') this.#times(sample, values)
  }

  fail(failure: Failure): void {
    this.snapshot.errors.record(failure, this.#clock.now() - this.#startedAt)
  }

  startInterval(): void {
    for (const name of intervalTrends) this.interval[name].reset()
  }

  #times({ dueAt, handedAt, sentAt, headAt, endedAt }: RequestSample, values: RequestValues): void {
    const trends = (values.trends ??= this.#requestTrends(values.tags))
    const responseMs = endedAt - dueAt
    const serviceMs = endedAt - sentAt
    const sendDelayMs = handedAt - dueAt
    trends.response.record(responseMs)
    trends.service.record(serviceMs)
    trends.blocked.record(sentAt - handedAt)
    trends.sendDelay.record(sendDelayMs)
    if (headAt !== undefined) trends.waiting.record(headAt - sentAt)
    this.interval.http_req_duration.record(responseMs)
    this.interval.http_req_service_time.record(serviceMs)
    this.interval.send_delay.record(sendDelayMs)
  }

  #value(metric: MetricName, tags: Tags): Value {
    let values = this.#valuesByTags.get(tags)
    if (values === undefined) this.#valuesByTags.set(tags, (values = {}))
    return (values[metric] ??= this.snapshot.value(metric, tags))
  }

  #requestValues(tags: RequestTags, status: number): RequestValues {
    let byStatus = this.#requestsByTags.get(tags)
    if (byStatus === undefined) this.#requestsByTags.set(tags, (byStatus = new Map()))
    let values = byStatus.get(status)
    if (values === undefined)
      byStatus.set(status, (values = this.#newRequestValues({ ...tags, status: String(status) }, status > 0)))
    return values
  }

  #newRequestValues(tags: Tags, answered: boolean): RequestValues {
    return {
      tags,
      requests: this.snapshot.value('http_reqs', tags),
      failed: this.snapshot.value('http_req_failed', tags),
      ...(answered && { rateLimited: this.snapshot.value('http_req_rate_limited', tags) }),
      sentBytes: this.snapshot.value('data_sent', tags),
      receivedBytes: this.snapshot.value('data_received', tags),
    }
  }

  #requestTrends(tags: Tags): RequestTrends {
    return {
      response: this.snapshot.value('http_req_duration', tags).histogram,
      service: this.snapshot.value('http_req_service_time', tags).histogram,
      blocked: this.snapshot.value('http_req_blocked', tags).histogram,
      waiting: this.snapshot.value('http_req_waiting', tags).histogram,
      sendDelay: this.snapshot.value('send_delay', tags).histogram,
    }
  }
}

/** Everything a request with these tags and this status is recorded in. */
interface RequestValues {
  tags: Tags
  requests: Counter
  failed: Rate
  /** Of answers only. */
  rateLimited?: Rate
  sentBytes: Counter
  receivedBytes: Counter
  /** Made at the first request that is timed; of streams there are none. */
  trends?: RequestTrends
}

interface RequestTrends {
  response: Histogram
  service: Histogram
  blocked: Histogram
  waiting: Histogram
  sendDelay: Histogram
}
