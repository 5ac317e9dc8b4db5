import type { SparseHistogram } from '../../core/encoded-histogram.ts'
import { Histogram } from '../../core/histogram.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import { Gauge, type GaugeReading, type Value } from '../metrics/series.ts'
import { Snapshot } from '../metrics/snapshot.ts'

/** The samples of an interval: only the series that have any, each as a short list. */
export interface EncodedDelta {
  series: SentSeries[]
  errors: ErrorRow[]
}

type SentSeries = readonly [metric: string, tags: Tags, value: SentValue]

type SentValue =
  | readonly ['c', total: number]
  | readonly ['r', hits: number, total: number]
  | readonly ['g', ...GaugeReading[]]
  | readonly ['t', buckets: number[], sumMs: number, minMs: number, maxMs: number]

export function encodeDelta(delta: Snapshot): EncodedDelta {
  return {
    series: delta.list().map(({ metric, tags, value }) => [metric, tags, encodeValue(value)]),
    errors: delta.errors.rows(),
  }
}

/** @throws MalformedHistogram */
export function decodeDelta({ series, errors }: EncodedDelta): Snapshot {
  const delta = new Snapshot()
  for (const [metric, tags, value] of series) delta.put(metric, tags, decodeValue(value))
  delta.errors.merge(errors)
  return delta
}

function encodeValue(value: Value): SentValue {
  switch (value.kind) {
    case 'counter':
      return ['c', value.total]
    case 'rate':
      return ['r', value.hits, value.total]
    case 'gauge':
      return ['g', ...value.readings()]
    case 'trend': {
      const { buckets, sumMs, minMs, maxMs } = value.histogram.toBuckets()
      return ['t', buckets, sumMs, minMs, maxMs]
    }
  }
}

function decodeValue(encoded: SentValue): Value {
  switch (encoded[0]) {
    case 'c':
      return { kind: 'counter', total: encoded[1] }
    case 'r':
      return { kind: 'rate', hits: encoded[1], total: encoded[2] }
    case 'g': {
      const [, ...readings] = encoded
      const gauge = new Gauge()
      gauge.merge(readings)
      return gauge
    }
    case 't': {
      const [, buckets, sumMs, minMs, maxMs] = encoded
      return {
        kind: 'trend',
        histogram: Histogram.fromBuckets({ buckets, sumMs, minMs, maxMs } satisfies SparseHistogram),
      }
    }
  }
}
