import {
  type CounterName,
  type GaugeName,
  type MetricKind,
  type MetricName,
  metrics,
  type RateName,
  type Tags,
  type TrendName,
} from './catalog.ts'
import type { Histogram } from '../../core/histogram.ts'
import type { Clock } from '../../core/clock.ts'
import type { CustomMetric } from './custom-metric.ts'
import type { Phases } from './phases.ts'
import type { Failure, Recorder, RequestSample, RequestTags } from './recorder.ts'
import type { Counter, Gauge, Rate, Trend, Value } from './series.ts'
import { Slowest } from './slowest.ts'
import { type Selection, Snapshot } from './snapshot.ts'

const TOO_MANY_REQUESTS = 429

/** Records into a `Snapshot`, which is lent to the measurements of the run once a second. */
export class SnapshotRecorder implements Recorder {
  readonly snapshot: Snapshot
  /** Empty unless requests have traces. */
  readonly slowest: Slowest
  readonly whole: SnapshotRecorder | undefined
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #phases: Phases | undefined
  readonly #conceal: (example: string) => string
  readonly #owner: number
  /** Values outside all phases; the only ones in a run without a timeline. */
  readonly #unphased: Book
  /** By index of the phase's name. */
  readonly #books: readonly Book[]

  /**
   * Offsets in the error table count from `startedAt`. With `phases`, everything except gauges is tagged with the phase it
   * was due in. Series that are `wanted` keep their tags, however many others there are.
   * @param conceal removes secrets from an example
   * @param owner of the gauges: the worker
   * @param part the load whose samples this one records, into the snapshot of the whole run
   */
  constructor(
    clock: Clock,
    startedAt: number,
    phases?: Phases,
    wanted: readonly Selection[] = [],
    conceal = (example: string): string => example,
    owner = 0,
    part?: { load: string; whole: SnapshotRecorder },
  ) {
    this.whole = part?.whole
    this.snapshot = part?.whole.snapshot ?? new Snapshot(wanted)
    this.slowest = part?.whole.slowest ?? new Slowest(startedAt)
    this.#clock = clock
    this.#startedAt = startedAt
    this.#phases = phases
    this.#conceal = conceal
    this.#owner = owner
    const own = part && { load: part.load }
    this.#unphased = new Book(own)
    this.#books = phases?.names.map(phase => new Book({ ...own, phase })) ?? []
  }

  /**
   * Returns a recorder into the same snapshot whose samples have the tag of a load.
   * @param owner of its gauges, which no other recorder of the run has
   */
  ofLoad(load: string, owner: number): SnapshotRecorder {
    return new SnapshotRecorder(this.#clock, this.#startedAt, this.#phases, [], this.#conceal, owner, {
      load,
      whole: this,
    })
  }

  add(metric: CounterName, tags: Tags, amount = 1, dueAt?: number): void {
    ;(this.#value(metric, tags, this.#bookOf(dueAt)) as Counter).total += amount
  }

  hit(metric: RateName, tags: Tags, hit: boolean, dueAt?: number): void {
    const rate = this.#value(metric, tags, this.#bookOf(dueAt)) as Rate
    rate.total += 1
    if (hit) rate.hits += 1
  }

  set(metric: GaugeName, tags: Tags, value: number): void {
    ;(this.#value(metric, tags, this.#unphased) as Gauge).set(this.#owner, value)
  }

  time(metric: TrendName, tags: Tags, valueMs: number, dueAt?: number): void {
    ;(this.#value(metric, tags, this.#bookOf(dueAt)) as Trend).histogram.record(valueMs)
  }

  custom({ name, kind }: CustomMetric, tags: Tags, value: number): void {
    const recorded = this.#value(name, tags, kind === 'gauge' ? this.#unphased : this.#bookOf(undefined), kind)
    switch (recorded.kind) {
      case 'counter':
        recorded.total += value
        return
      case 'rate':
        recorded.total += 1
        recorded.hits += value
        return
      case 'gauge':
        return recorded.set(this.#owner, value, this.#clock.now() - this.#startedAt)
      case 'trend':
        return recorded.histogram.record(value)
    }
  }

  request(sample: RequestSample): void {
    const values = this.#requestValues(sample)
    const { failure } = sample
    values.requests.total += 1
    values.failed.total += 1
    values.sentBytes.total += sample.sentBytes - (sample.recorded?.sentBytes ?? 0)
    values.receivedBytes.total += sample.receivedBytes - (sample.recorded?.receivedBytes ?? 0)
    if (values.rateLimited !== undefined) {
      values.rateLimited.total += 1
      if (sample.status === TOO_MANY_REQUESTS) values.rateLimited.hits += 1
    }
    if (failure !== undefined) {
      values.failed.hits += 1
      const { tags, status } = sample
      this.#recordFailure({ ...failure, name: tags.name, ...(status > 0 && { status }) }, sample.endedAt)
    }
    // Neither the end of a stream nor an interruption by the harness is a response.
    if (sample.stream || failure?.reason === 'interrupted') return
    this.#times(sample, values)
    if (sample.trace !== undefined) this.slowest.add(sample.trace, sample)
  }

  fail(failure: Failure): void {
    this.#recordFailure(failure, this.#clock.now())
  }

  #recordFailure(failure: Failure, at: number): void {
    this.snapshot.errors.record({ ...failure, example: this.#conceal(failure.example) }, at - this.#startedAt)
  }

  #times({ dueAt, handedAt, sentAt, headAt, endedAt }: RequestSample, values: RequestValues): void {
    const trends = (values.trends ??= this.#requestTrends(values.tags))
    trends.response.record(endedAt - dueAt)
    trends.service.record(endedAt - sentAt)
    trends.blocked.record(sentAt - handedAt)
    trends.sendDelay.record(handedAt - dueAt)
    if (headAt !== undefined) trends.waiting.record(headAt - sentAt)
  }

  /** Returns the book for what was due at this time; default: now. */
  #bookOf(dueAt: number | undefined): Book {
    if (this.#phases === undefined) return this.#unphased
    return this.#books[this.#phases.nameIndexAt(dueAt ?? this.#clock.now())] ?? this.#unphased
  }

  #value(metric: string, tags: Tags, { valuesByTags, own }: Book, kind?: MetricKind): Value {
    let values = valuesByTags.get(tags)
    if (values === undefined) valuesByTags.set(tags, (values = {}))
    return (values[metric] ??= this.snapshot.valueOf(
      metric,
      kind ?? metrics[metric as MetricName].kind,
      withOwn(tags, own),
    ))
  }

  #requestValues({ tags, status, dueAt }: RequestSample): RequestValues {
    const book = this.#bookOf(dueAt)
    if (tags === book.lastTags && status === book.lastStatus) return book.lastValues!
    const { requestsByTags, own } = book
    let byStatus = requestsByTags.get(tags)
    if (byStatus === undefined) requestsByTags.set(tags, (byStatus = new Map()))
    let values = byStatus.get(status)
    if (values === undefined) {
      values = this.#newRequestValues(withOwn({ ...tags, status: String(status) }, own), status > 0)
      byStatus.set(status, values)
    }
    book.lastTags = tags
    book.lastStatus = status
    book.lastValues = values
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

/**
 * The values of a phase and load by tags. Callers keep their tags, because finding a value by identity is about ten times cheaper
 * than by content.
 */
class Book {
  /** Tags that all values have. */
  readonly own: Tags | undefined
  readonly valuesByTags = new WeakMap<Tags, Partial<Record<string, Value>>>()
  readonly requestsByTags = new WeakMap<RequestTags, Map<number, RequestValues>>()
  /** The values of the last request, because the next one often has the same. */
  lastTags: RequestTags | undefined
  lastStatus = 0
  lastValues: RequestValues | undefined

  constructor(own: Tags | undefined) {
    this.own = own
  }
}

function withOwn(tags: Tags, own: Tags | undefined): Tags {
  return own === undefined ? tags : { ...tags, ...own }
}

/** Everything a request with these tags and this status is recorded in. */
interface RequestValues {
  tags: Tags
  requests: Counter
  failed: Rate
  /** Set for responses only. */
  rateLimited?: Rate
  sentBytes: Counter
  receivedBytes: Counter
  /** Created at the first timed request; streams have none. */
  trends?: RequestTrends
}

interface RequestTrends {
  response: Histogram
  service: Histogram
  blocked: Histogram
  waiting: Histogram
  sendDelay: Histogram
}
