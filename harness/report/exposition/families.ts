import type { Histogram } from '../../../core/histogram.ts'
import { type MetricDefinition, metrics } from '../../metrics/catalog.ts'
import type { ServerMetrics } from '../../results/server-metrics.ts'
import type { ThresholdVerdict } from '../../thresholds/threshold.ts'
import { labelText } from '../server-lines.ts'
import type { ExposedRun, ExposedSeries } from './exposed-run.ts'
import { meanOf } from '../../results/known-values.ts'

export type Labels = Readonly<Record<string, string | undefined>>

/** A value under its labels. */
export type ExposedPoint<Value = number> = readonly [labels: Labels, value: Value]

/** A metric as monitoring systems see it. Each of them adds its prefix, and writes the unit in its own way. */
export type ExposedFamily = { name: string; unit?: 'seconds' | 'bytes'; help: string } & (
  | { type: 'counter' | 'gauge' | 'info'; points: readonly ExposedPoint[] }
  /** Times in ms if the unit is `seconds`, else the values themselves. */
  | { type: 'distribution'; points: readonly ExposedPoint<Histogram>[] }
)

/** Returns all metrics of a run: the one table of their names, for files and for live exports. */
export function familiesOf({
  run,
  exitCode,
  thresholds,
  server,
  customMetrics = [],
  series,
}: ExposedRun): ExposedFamily[] {
  const definitions = new Map<string, MetricDefinition>([
    ...Object.entries(metrics),
    ...customMetrics.map(metric => [metric.name, { ...metric, description: helpOf(metric) }] as const),
  ])
  const { id, scenario, version, targetUrl, profile, seed, durationMs } = run
  const labels = { id, scenario, version, target: targetUrl, profile, seed: String(seed) }
  const exit = exitCode === undefined ? [] : [[{}, exitCode] as const]
  const families: ExposedFamily[] = [
    { name: 'run', type: 'info', help: 'The run that these metrics are from.', points: [[labels, 1]] },
    {
      name: 'run_duration',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long the run took.',
      points: [[{}, inSeconds(durationMs)]],
    },
    gauge('run_exit_code', 'The exit code of the run; 0: every threshold passed.', exit),
    ...ofThresholds(thresholds),
    ...(server === undefined ? [] : ofServers(server)),
    ...[...Map.groupBy(series, ({ metric }) => metric)].flatMap(([metric, rows]) => {
      const definition = definitions.get(metric)
      return definition === undefined ? [] : ofMetric(metric, definition, rows)
    }),
  ]
  return families.filter(({ points }) => points.length > 0)
}

function ofThresholds(verdicts: readonly ThresholdVerdict[]): ExposedFamily[] {
  // The same condition may be given twice.
  const unique = new Map(verdicts.map(verdict => [`${verdict.metric} ${verdict.expression}`, verdict]))
  const labels = ({ metric, expression }: ThresholdVerdict) => ({ metric, expression })
  const rows = [...unique.values()]
  return [
    gauge(
      'threshold_passed',
      'Whether the threshold passed.',
      rows.map(verdict => [labels(verdict), verdict.state === 'passed' ? 1 : 0]),
    ),
    gauge(
      'threshold_observed',
      'The value that was judged, in the unit of its metric; times are in ms.',
      rows.flatMap(verdict => (verdict.observed === undefined ? [] : [[labels(verdict), verdict.observed]])),
    ),
  ]
}

/** Returns the servers’ own metrics over the run; their seconds are in `server.csv`. */
function ofServers({ series, saturation }: ServerMetrics): ExposedFamily[] {
  const rows = series.map(each => {
    const own: Labels = { source: each.source, series: each.name, labels: labelText(each.labels) }
    return { own, mean: meanOf(each), max: Math.max(...each.values) }
  })
  return [
    gauge(
      'server_mean',
      'The mean of a series that a server told, over the seconds of the run.',
      rows.map(({ own, mean }) => [own, mean]),
    ),
    gauge(
      'server_max',
      'The highest value of a series that a server told.',
      rows.map(({ own, max }) => [own, max]),
    ),
    {
      name: 'saturated_after',
      type: 'gauge',
      unit: 'seconds',
      help: 'When a resource reached its limit, since the start of the run; without samples nothing is known to have.',
      points: saturation.reached.map(({ resource, fromMs }) => [{ resource }, inSeconds(fromMs)]),
    },
  ]
}

/** Returns the meaning of a metric of the scenario with its unit, unless the name has it. */
function helpOf({ name, unit, description }: { name: string; unit: string; description: string }): string {
  const meaning = description === '' ? `${name}, a metric of the scenario.` : description
  return ['ms', 'bytes', 'share', 'count'].includes(unit) ? meaning : `${meaning} In ${unit}.`
}

function ofMetric(
  metric: string,
  { kind, unit, description: help }: MetricDefinition,
  rows: readonly ExposedSeries[],
): ExposedFamily[] {
  type Value<Kind> = Extract<ExposedSeries['value'], { kind: Kind }>
  const points = <Kind extends typeof kind, Read>(
    wanted: Kind,
    read: (value: Value<Kind>) => Read,
  ): ExposedPoint<Read>[] =>
    rows.flatMap(({ tags, value }) => (value.kind === wanted ? [[tags, read(value as Value<Kind>)] as const] : []))
  switch (kind) {
    case 'counter':
      return [
        counter(
          metric,
          help,
          points(kind, ({ total }) => total),
          unit === 'bytes' ? unit : undefined,
        ),
      ]
    case 'rate':
      return [
        counter(
          `${metric}_hits`,
          `${help} The hits.`,
          points(kind, ({ hits }) => hits),
        ),
        counter(
          `${metric}_samples`,
          `${help} All samples.`,
          points(kind, ({ total }) => total),
        ),
      ]
    case 'gauge':
      return [
        gauge(
          metric,
          help,
          points(kind, ({ last }) => last),
        ),
        gauge(
          `${metric}_max`,
          Object.hasOwn(metrics, metric) ? `${help} The most at once.` : `${help} The highest.`,
          points(kind, ({ max }) => max),
        ),
        gauge(
          `${metric}_min`,
          `${help} The lowest.`,
          points(kind, ({ min }) => min).flatMap(([tags, min]) => (min === undefined ? [] : [[tags, min] as const])),
        ),
      ]
    case 'trend':
      return [
        {
          name: metric,
          type: 'distribution',
          ...(unit === 'ms' && { unit: 'seconds' as const }),
          ...(unit === 'bytes' && { unit }),
          help,
          points: points(kind, ({ histogram }) => histogram),
        },
      ]
  }
}

function counter(name: string, help: string, points: readonly ExposedPoint[], unit?: 'bytes'): ExposedFamily {
  return { name, type: 'counter', help, points, ...(unit !== undefined && { unit }) }
}

function gauge(name: string, help: string, points: readonly ExposedPoint[]): ExposedFamily {
  return { name, type: 'gauge', help, points }
}

/** The unit of a metric as it is exposed. */
export type ExposedUnit = Pick<ExposedFamily, 'unit'>

/** Returns a value of a distribution as it is exposed: times in seconds. */
export function exposedValue({ unit }: ExposedUnit, value: number): number {
  return unit === 'seconds' ? inSeconds(value) : value
}

/** Divides without the noise of binary fractions. */
export function inSeconds(valueMs: number): number {
  return Number((valueMs / 1000).toPrecision(12))
}
