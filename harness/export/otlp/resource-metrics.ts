import type { Attributes, HrTime } from '@opentelemetry/api'
import type { resourceFromAttributes } from '@opentelemetry/resources'
import type * as Sdk from '@opentelemetry/sdk-metrics'
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { Histogram } from '../../../core/histogram.ts'
import { FilledBuckets, layoutOf } from '../../report/exposition/buckets.ts'
import type { ExposedRun } from '../../report/exposition/exposed-run.ts'
import {
  type ExposedFamily,
  type ExposedUnit,
  exposedValue,
  familiesOf,
  type Labels,
  type ExposedPoint,
} from '../../report/exposition/families.ts'
import type { OtlpSettings } from './environment.ts'
import type { Slices } from '../slices.ts'
import { exponentialBuckets } from './exponential.ts'

/** Code of OpenTelemetry, which is loaded only for runs that need it. */
export interface OtlpPackages {
  sdk: Pick<typeof Sdk, 'AggregationTemporality' | 'DataPointType'>
  resourceFromAttributes: typeof resourceFromAttributes
}

/** `ValueType.DOUBLE` of OpenTelemetry. */
const DOUBLE = 1
const units = { seconds: 's', bytes: 'By' } as const

/**
 * Returns the metrics of a run as OpenTelemetry knows them. Names and units are such that the usual translation to Prometheus
 * gives the names that the other formats have.
 */
export async function resourceMetricsOf(
  exposed: ExposedRun,
  { resource, histograms }: Pick<OtlpSettings, 'resource' | 'histograms'>,
  { sdk, resourceFromAttributes }: OtlpPackages,
  slices: Slices,
): Promise<ResourceMetrics> {
  const { id, version, startedAt, durationMs } = exposed.run
  const times = { startTime: hrTime(startedAt), endTime: hrTime(startedAt + durationMs) }
  const metrics: MetricData[] = []
  for (const family of familiesOf(exposed)) {
    const pointsOf: PointsOf = async (points, convert) => {
      const converted = []
      for (const [labels, value] of points) {
        converted.push({ ...times, attributes: attributesOf(labels), value: convert(value) })
        await slices.pause()
      }
      return converted
    }
    metrics.push(await metricOf(family, histograms, sdk, pointsOf))
  }
  return {
    resource: resourceFromAttributes({ 'service.version': version, 'service.instance.id': id, ...resource }),
    scopeMetrics: [{ scope: { name: 'loadcell', version }, metrics }],
  }
}

type PointsOf = <Value, Converted>(
  points: readonly ExposedPoint<Value>[],
  convert: (value: Value) => Converted,
) => Promise<DataPoint<Converted>[]>

async function metricOf(
  family: ExposedFamily,
  histograms: OtlpSettings['histograms'],
  { AggregationTemporality, DataPointType }: OtlpPackages['sdk'],
  pointsOf: PointsOf,
): Promise<MetricData> {
  const base = {
    descriptor: {
      name: `loadcell.${family.name}${family.type === 'info' ? '_info' : ''}`,
      description: family.help,
      unit: family.unit === undefined ? '' : units[family.unit],
      valueType: DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  if (family.type === 'distribution') {
    return histograms === 'exponential'
      ? {
          ...base,
          dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
          dataPoints: await pointsOf(family.points, values => exponential(family, values)),
        }
      : {
          ...base,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: await pointsOf(family.points, values => explicit(family, values)),
        }
  }
  const dataPoints = await pointsOf(family.points, value => value)
  return family.type === 'counter'
    ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...base, dataPointType: DataPointType.GAUGE, dataPoints }
}

function exponential(family: ExposedUnit, times: Histogram) {
  const { scale, zeroCount, offset, counts } = exponentialBuckets(times, layoutOf(family).perBound)
  return {
    ...summaryOf(family, times),
    scale,
    zeroCount,
    positive: { offset, bucketCounts: counts },
    negative: { offset: 0, bucketCounts: [] },
  }
}

function explicit(family: ExposedUnit, times: Histogram) {
  const layout = layoutOf(family)
  return {
    ...summaryOf(family, times),
    buckets: { boundaries: [...layout.bounds], counts: new FilledBuckets(times).withinBounds(layout) },
  }
}

function summaryOf(family: ExposedUnit, times: Histogram) {
  const range = { min: exposedValue(family, times.minMs), max: exposedValue(family, times.maxMs) }
  return { count: times.count, sum: exposedValue(family, times.sumMs), ...(times.count > 0 && range) }
}

function attributesOf(labels: Labels): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== undefined))
}

/** Seconds and nanoseconds since the Unix epoch. */
function hrTime(wallTime: number): HrTime {
  const seconds = Math.floor(wallTime / 1000)
  return [seconds, Math.round((wallTime - seconds * 1000) * 1e6)]
}
