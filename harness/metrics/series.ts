import type { MetricKind, Tags } from './catalog.ts'
import type { EncodedHistogram } from '../../core/encoded-histogram.ts'
import { Histogram } from '../../core/histogram.ts'

/** All samples of one metric with one set of tags. */
export interface Series<V extends Value = Value> {
  /** Name of a metric of the harness, or of one that the scenario declares. */
  metric: string
  tags: Tags
  /** Metric and tags as a text, independent of the order of the tags. */
  key: string
  value: V
}

export type Value = Counter | Rate | Gauge | Trend

export interface Counter {
  kind: 'counter'
  total: number
}

export interface Rate {
  kind: 'rate'
  hits: number
  total: number
}

/**
 * A number that each worker sets by itself. The value is the sum of the workers' last numbers; or the last number of any worker, if
 * the readings say when they were set.
 */
export class Gauge {
  readonly kind = 'gauge'
  last = 0
  max = Number.NEGATIVE_INFINITY
  /** Only of a gauge whose readings say when they were set. */
  min: number | undefined
  /** By worker. */
  readonly #readings = new Map<number, GaugeReading>()
  /** The only one while it is recorded. */
  #own: GaugeReading | undefined

  /** @param atMs when it is set, as an offset from the start of the run. */
  set(worker: number, value: number, atMs?: number): void {
    this.#own ??= { worker, ordinal: 0, last: value, max: value }
    if (atMs !== undefined) {
      this.#own.atMs = atMs
      this.#own.min = this.min = Math.min(value, this.min ?? value)
    }
    if (this.#own.ordinal === 0) this.#readings.set(worker, this.#own)
    this.#own.ordinal += 1
    this.#own.last = value
    if (value > this.#own.max) this.#own.max = value
    this.last = value
    this.max = this.#own.max
  }

  merge(readings: Iterable<GaugeReading>): void {
    for (const reading of readings) {
      const known = this.#readings.get(reading.worker)
      this.#readings.set(reading.worker, known === undefined ? { ...reading } : mergeReadings(known, reading))
    }
    if (this.#isTimed) this.#choose()
    else this.#sum()
  }

  /** Returns one reading for each worker, in their order. */
  readings(): GaugeReading[] {
    return [...this.#readings.values()].sort((a, b) => a.worker - b.worker)
  }

  get #isTimed(): boolean {
    return this.#readings.values().some(({ atMs }) => atMs !== undefined)
  }

  #choose(): void {
    const all = [...this.#readings.values()].reduce(mergeReadings)
    this.last = all.last
    this.max = all.max
    this.min = all.min
  }

  #sum(): void {
    this.last = 0
    this.max = this.#readings.size === 0 ? Number.NEGATIVE_INFINITY : 0
    for (const { last, max } of this.#readings.values()) {
      this.last += last
      this.max += max
    }
  }
}

export interface GaugeReading {
  worker: number
  /** Number of values that this worker has set. The later reading counts. */
  ordinal: number
  last: number
  max: number
  /** When the last value was set, as an offset from the start of the run; only of gauges that are not sums over workers. */
  atMs?: number
  min?: number
}

/** Returns the later reading, with the extremes of both. The order does not matter. */
function mergeReadings(one: GaugeReading, other: GaugeReading): GaugeReading {
  const [early, late] = [one, other].sort(
    (a, b) => (a.atMs ?? 0) - (b.atMs ?? 0) || a.ordinal - b.ordinal || a.last - b.last,
  ) as [GaugeReading, GaugeReading]
  const min = Math.min(early.min ?? Number.POSITIVE_INFINITY, late.min ?? Number.POSITIVE_INFINITY)
  return { ...late, max: Math.max(early.max, late.max), ...(late.atMs !== undefined && { min }) }
}

export interface Trend {
  kind: 'trend'
  histogram: Histogram
}

export type ValueOf<Kind extends MetricKind> = Extract<Value, { kind: Kind }>

export function emptyValue(kind: MetricKind): Value {
  switch (kind) {
    case 'counter':
      return { kind, total: 0 }
    case 'rate':
      return { kind, hits: 0, total: 0 }
    case 'gauge':
      return new Gauge()
    case 'trend':
      return { kind, histogram: new Histogram() }
  }
}

/** Adds the samples of `from`. The order of merges does not matter. */
export function mergeValue(into: Value, from: Value): void {
  if (into.kind === 'counter' && from.kind === 'counter') {
    into.total += from.total
  } else if (into.kind === 'rate' && from.kind === 'rate') {
    into.hits += from.hits
    into.total += from.total
  } else if (into.kind === 'gauge' && from.kind === 'gauge') {
    into.merge(from.readings())
  } else if (into.kind === 'trend' && from.kind === 'trend') {
    into.histogram.merge(from.histogram)
  }
}

/** Tells whether nothing was recorded since the value was created or reset. Gauges are never empty. */
export function isEmpty(value: Value): boolean {
  if (value.kind === 'trend') return value.histogram.count === 0
  return value.kind !== 'gauge' && value.total === 0
}

/** Resets the value to that of no samples. A gauge keeps its value. */
export function reset(value: Value): void {
  if (value.kind === 'trend') value.histogram.reset()
  else if (value.kind !== 'gauge') value.total = 0
  if (value.kind === 'rate') value.hits = 0
}

export function encodeSeries({ metric, tags, value }: Series): EncodedSeries {
  return { metric, tags, value: encodeValue(value) }
}

/** Drops the readings of each worker, which only merges need. */
export function withoutReadings({ metric, tags, value }: EncodedSeries): MetricSeries {
  if (value.kind !== 'gauge') return { metric, tags, value }
  const { readings: _, ...gauge } = value
  return { metric, tags, value: gauge }
}

function encodeValue(value: Value): EncodedValue {
  if (value.kind === 'trend') return { kind: 'trend', histogram: value.histogram.toJSON() }
  if (value.kind !== 'gauge') return { ...value }
  const { last, max, min } = value
  return { kind: 'gauge', last, max, ...(min !== undefined && { min }), readings: value.readings() }
}

export function decodeValue(value: EncodedValue): Value {
  if (value.kind === 'trend') return { kind: 'trend', histogram: Histogram.fromJSON(value.histogram) }
  if (value.kind !== 'gauge') return { ...value }
  const gauge = new Gauge()
  gauge.merge(value.readings)
  return gauge
}

/** A series as results have it. */
export interface MetricSeries {
  /** Name of a metric of the harness, or of one in `customMetrics`. */
  metric: string
  tags: Tags
  value: SeriesValue
}

export type SeriesValue = SummedValue | GaugeValue

interface GaugeValue {
  kind: 'gauge'
  last: number
  max: number
  /** Only of a gauge that the scenario declares. */
  min?: number
}

/** A series that can be merged with others. */
export interface EncodedSeries {
  metric: string
  tags: Tags
  value: EncodedValue
}

type EncodedValue = SummedValue | (GaugeValue & { readings: GaugeReading[] })

type SummedValue =
  | { kind: 'counter'; total: number }
  | { kind: 'rate'; hits: number; total: number }
  | { kind: 'trend'; histogram: EncodedHistogram }
