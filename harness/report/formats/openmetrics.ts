import { Histogram } from '../../../core/histogram.ts'
import { metrics, type MetricName, type Tags } from '../../metrics/catalog.ts'
import type { MetricSeries, SeriesValue } from '../../metrics/series.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { ServerMetrics } from '../../results/server-metrics.ts'
import type { ThresholdVerdict } from '../../thresholds/threshold.ts'
import { labelText } from '../server-lines.ts'

type Labels = Readonly<Record<string, string | undefined>>

interface ExposedFamily {
  name: string
  type: 'counter' | 'gauge' | 'summary' | 'info'
  unit?: string
  help: string
  lines: string[]
}

const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999]

/** Returns the run in the text format of OpenMetrics 1.0. Times are in seconds; each trend is a summary. */
export function openMetrics(result: RunResult): string {
  const families = [
    ...ofRun(result),
    ...ofThresholds(result.thresholds),
    ...ofServers(result.server),
    ...ofSeries(result.series),
  ]
  return `${families.flatMap(written).join('\n')}\n# EOF\n`
}

function written({ name, type, unit, help, lines }: ExposedFamily): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...lines,
  ]
}

function ofRun({ run, exitCode }: RunResult): ExposedFamily[] {
  const { id, scenario, version, targetUrl, profile, seed } = run
  return [
    {
      name: 'loadcell_run',
      type: 'info',
      help: 'The run that these metrics are from.',
      lines: [
        sample('loadcell_run_info', { id, scenario, version, target: targetUrl, profile, seed: String(seed) }, 1),
      ],
    },
    gauge('loadcell_run_duration_seconds', 'How long the run took.', [[{}, inSeconds(run.durationMs)]], 'seconds'),
    gauge('loadcell_run_exit_code', 'The exit code of the run; 0: every threshold passed.', [[{}, exitCode]]),
  ]
}

function ofThresholds(verdicts: readonly ThresholdVerdict[]): ExposedFamily[] {
  if (verdicts.length === 0) return []
  // The same condition may be given twice.
  const unique = new Map(verdicts.map(verdict => [`${verdict.metric} ${verdict.expression}`, verdict]))
  const labels = ({ metric, expression }: ThresholdVerdict) => ({ metric, expression })
  const rows = [...unique.values()]
  return [
    gauge(
      'loadcell_threshold_passed',
      'Whether the threshold passed.',
      rows.map(verdict => [labels(verdict), verdict.state === 'passed' ? 1 : 0]),
    ),
    gauge(
      'loadcell_threshold_observed',
      'The value that was judged, in the unit of its metric; times are in ms.',
      rows.flatMap(verdict => (verdict.observed === undefined ? [] : [[labels(verdict), verdict.observed]])),
    ),
  ]
}

/** Returns the servers’ own metrics over the run; their seconds are in `server.csv`. */
function ofServers({ series, saturation }: ServerMetrics): ExposedFamily[] {
  const rows = series.map(({ source, name, labels, values }) => {
    const known = values.filter(value => value !== null)
    const own: Labels = { source, series: name, labels: labelText(labels) }
    return { own, mean: known.reduce((sum, value) => sum + value, 0) / known.length, max: Math.max(...known) }
  })
  return [
    gauge(
      'loadcell_server_mean',
      'The mean of a series that a server told, over the seconds of the run.',
      rows.map(({ own, mean }) => [own, mean]),
    ),
    gauge(
      'loadcell_server_max',
      'The highest value of a series that a server told.',
      rows.map(({ own, max }) => [own, max]),
    ),
    gauge(
      'loadcell_saturated_after_seconds',
      'When a resource reached its limit, since the start of the run; without samples nothing is known to have.',
      saturation.reached.map(({ resource, fromMs }) => [{ resource }, inSeconds(fromMs)]),
      'seconds',
    ),
  ]
}

function ofSeries(series: readonly MetricSeries[]): ExposedFamily[] {
  const byMetric = Map.groupBy(series, ({ metric }) => metric)
  return [...byMetric].flatMap(([metric, rows]) => familiesOf(metric, rows))
}

function familiesOf(metric: MetricName, rows: readonly MetricSeries[]): ExposedFamily[] {
  const { kind, unit, description: help } = metrics[metric]
  const name = `loadcell_${metric}`
  const values = <Kind extends SeriesValue['kind']>(wanted: Kind) =>
    rows.flatMap(({ tags, value }) =>
      value.kind === wanted ? [[tags, value as Extract<SeriesValue, { kind: Kind }>] as const] : [],
    )
  switch (kind) {
    case 'counter': {
      const totals = values('counter').map(([tags, { total }]) => [tags, total] as const)
      return [unit === 'bytes' ? counter(`${name}_bytes`, help, totals, unit) : counter(name, help, totals)]
    }
    case 'rate':
      return [
        counter(
          `${name}_hits`,
          `${help} The hits.`,
          values('rate').map(([tags, { hits }]) => [tags, hits]),
        ),
        counter(
          `${name}_samples`,
          `${help} All samples.`,
          values('rate').map(([tags, { total }]) => [tags, total]),
        ),
      ]
    case 'gauge':
      return [
        gauge(
          name,
          help,
          values('gauge').map(([tags, { last }]) => [tags, last]),
        ),
        gauge(
          `${name}_max`,
          `${help} The most at once.`,
          values('gauge').map(([tags, { max }]) => [tags, max]),
        ),
      ]
    case 'trend': {
      const lines = values('trend').flatMap(([tags, { histogram }]) =>
        summaryLines(`${name}_seconds`, tags, Histogram.fromJSON(histogram)),
      )
      return [{ name: `${name}_seconds`, type: 'summary', unit: 'seconds', help, lines }]
    }
  }
}

function summaryLines(name: string, tags: Tags, times: Histogram): string[] {
  return [
    ...(times.count === 0 ? [] : QUANTILES).map(quantile =>
      sample(name, { ...tags, quantile: String(quantile) }, inSeconds(times.percentile(quantile * 100))),
    ),
    sample(`${name}_sum`, tags, inSeconds(times.sumMs)),
    sample(`${name}_count`, tags, times.count),
  ]
}

type Values = readonly (readonly [Labels, number])[]

function counter(name: string, help: string, values: Values, unit?: string): ExposedFamily {
  const lines = values.map(([labels, value]) => sample(`${name}_total`, labels, value))
  return { name, type: 'counter', help, lines, ...(unit !== undefined && { unit }) }
}

function gauge(name: string, help: string, values: Values, unit?: string): ExposedFamily {
  const lines = values.map(([labels, value]) => sample(name, labels, value))
  return { name, type: 'gauge', help, lines, ...(unit !== undefined && { unit }) }
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).flatMap(([label, text]) =>
    text === undefined ? [] : [`${label}="${escaped(text)}"`],
  )
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

/** Divides without the noise of binary fractions. */
function inSeconds(valueMs: number): number {
  return Number((valueMs / 1000).toPrecision(12))
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
}
