import { metrics, type MetricKind, type MetricName, type Tags } from './catalog.ts'
import { type EncodedHistogram, Histogram } from '../../core/histogram.ts'

/** Everything recorded of one metric under one set of tags. */
export interface Series<V extends Value = Value> {
  metric: MetricName
  tags: Tags
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

export interface Gauge {
  kind: 'gauge'
  last: number
  max: number
}

export interface Trend {
  kind: 'trend'
  histogram: Histogram
}

export type ValueOf<Kind extends MetricKind> = Extract<Value, { kind: Kind }>

export function emptyValue(metric: MetricName): Value {
  const { kind } = metrics[metric]
  switch (kind) {
    case 'counter':
      return { kind, total: 0 }
    case 'rate':
      return { kind, hits: 0, total: 0 }
    case 'gauge':
      return { kind, last: 0, max: Number.NEGATIVE_INFINITY }
    case 'trend':
      return { kind, histogram: new Histogram() }
  }
}

/** Adds what `from` holds; of two gauges the last value of `from` is taken as the later one. */
export function mergeValue(into: Value, from: Value): void {
  if (into.kind === 'counter' && from.kind === 'counter') {
    into.total += from.total
  } else if (into.kind === 'rate' && from.kind === 'rate') {
    into.hits += from.hits
    into.total += from.total
  } else if (into.kind === 'gauge' && from.kind === 'gauge') {
    into.last = from.last
    into.max = Math.max(into.max, from.max)
  } else if (into.kind === 'trend' && from.kind === 'trend') {
    into.histogram.merge(from.histogram)
  }
}

export function encodeSeries({ metric, tags, value }: Series): MetricSeries {
  return {
    metric,
    tags,
    value: value.kind === 'trend' ? { kind: 'trend', histogram: value.histogram.toJSON() } : { ...value },
  }
}

export function decodeValue(value: SeriesValue): Value {
  return value.kind === 'trend' ? { kind: 'trend', histogram: Histogram.fromJSON(value.histogram) } : { ...value }
}

export interface MetricSeries {
  metric: MetricName
  tags: Tags
  value: SeriesValue
}

export type SeriesValue =
  | { kind: 'counter'; total: number }
  | { kind: 'rate'; hits: number; total: number }
  | { kind: 'gauge'; last: number; max: number }
  | { kind: 'trend'; histogram: EncodedHistogram }
