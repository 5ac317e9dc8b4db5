import type { Attributes, HrTime } from '@opentelemetry/api'
import type { resourceFromAttributes } from '@opentelemetry/resources'
import type * as Sdk from '@opentelemetry/sdk-metrics'
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { Histogram } from '../../../core/histogram.ts'
import { bucketBounds, countsWithin } from '../../report/exposition/buckets.ts'
import type { ExposedRun } from '../../report/exposition/exposed-run.ts'
import {
  type ExposedFamily,
  familiesOf,
  inSeconds,
  type Labels,
  type ExposedPoint,
} from '../../report/exposition/families.ts'
import type { OtlpSettings } from './environment.ts'
import { exponentialBuckets } from './exponential.ts'

/** Code of OpenTelemetry, which is loaded only for runs that need it. */
export interface OtlpPackages {
  sdk: Pick<typeof Sdk, 'AggregationTemporality' | 'DataPointType'>
  resourceFromAttributes: typeof resourceFromAttributes
}

const units = { seconds: 's', bytes: 'By' } as const

/**
 * Returns the metrics of a run as OpenTelemetry knows them. Names and units are such that the usual translation to Prometheus
 * gives the names that the other formats have.
 */
export function resourceMetricsOf(
  exposed: ExposedRun,
  { resource, histograms }: Pick<OtlpSettings, 'resource' | 'histograms'>,
  { sdk, resourceFromAttributes }: OtlpPackages,
): ResourceMetrics {
  const { id, version, startedAt, durationMs } = exposed.run
  const attributes = { 'service.version': version, 'service.instance.id': id, ...resource }
  const convert = converterOf(sdk, histograms, hrTime(startedAt), hrTime(startedAt + durationMs))
  return {
    resource: resourceFromAttributes(attributes),
    scopeMetrics: [{ scope: { name: 'loadcell', version }, metrics: familiesOf(exposed).map(convert) }],
  }
}

function converterOf(
  sdk: OtlpPackages['sdk'],
  histograms: OtlpSettings['histograms'],
  startTime: HrTime,
  endTime: HrTime,
): (family: ExposedFamily) => MetricData {
  const { AggregationTemporality, DataPointType } = sdk
  const pointsOf = <Value, Converted>(points: readonly ExposedPoint<Value>[], value: (given: Value) => Converted) =>
    points.map(
      ([labels, given]): DataPoint<Converted> => ({
        startTime,
        endTime,
        attributes: attributesOf(labels),
        value: value(given),
      }),
    )
  return family => {
    const base = {
      descriptor: {
        name: `loadcell.${family.name}${family.type === 'info' ? '_info' : ''}`,
        description: family.help,
        unit: family.unit === undefined ? '' : units[family.unit],
        valueType: 1,
      },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    }
    switch (family.type) {
      case 'counter':
        return {
          ...base,
          dataPointType: DataPointType.SUM,
          isMonotonic: true,
          dataPoints: pointsOf(family.points, value => value),
        }
      case 'gauge':
      case 'info':
        return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: pointsOf(family.points, value => value) }
      case 'distribution':
        return histograms === 'exponential'
          ? {
              ...base,
              dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
              dataPoints: pointsOf(family.points, exponential),
            }
          : { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: pointsOf(family.points, explicit) }
    }
  }
}

function exponential(times: Histogram) {
  const { scale, zeroCount, offset, counts } = exponentialBuckets(times)
  return {
    ...summaryOf(times),
    scale,
    zeroCount,
    positive: { offset, bucketCounts: counts },
    negative: { offset: 0, bucketCounts: [] },
  }
}

function explicit(times: Histogram) {
  return { ...summaryOf(times), buckets: { boundaries: [...bucketBounds], counts: countsWithin(times) } }
}

function summaryOf(times: Histogram) {
  const range = { min: inSeconds(times.minMs), max: inSeconds(times.maxMs) }
  return { count: times.count, sum: inSeconds(times.sumMs), ...(times.count > 0 && range) }
}

function attributesOf(labels: Labels): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== undefined))
}

/** Seconds and nanoseconds since the Unix epoch. */
function hrTime(wallTime: number): HrTime {
  const seconds = Math.floor(wallTime / 1000)
  return [seconds, Math.round((wallTime - seconds * 1000) * 1e6)]
}
