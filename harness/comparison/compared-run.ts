import type { MetricKind, MetricName, Tags } from '../metrics/catalog.ts'
import { decodeValue, emptyValue, type MetricSeries, mergeValue, type Value } from '../metrics/series.ts'
import type { RunResult } from '../results/run-result.ts'
import type { TimelinePoint } from '../results/timeline.ts'
import type { RunValue } from '../statistics/effect.ts'
import type { Selector } from '../thresholds/selector.ts'
import type { Aggregation } from '../thresholds/threshold.ts'
import { conditionsOf, defectsOf } from './conditions.ts'
import { type ComparedMetric, nameOf, runValueOf, type Statistic } from './statistic.ts'

/** A run as far as it is compared. Its result, which may be large, is not kept. */
export interface ComparedRun {
  /** File that the result was read from. */
  path: string
  id: string
  startedAt: number
  tags: Readonly<Record<string, string>>
  /** URL of the target, unless each run has an embedded one of its own. */
  targetUrl: string | undefined
  /** Everything that should be the same in runs that are compared, by its name. */
  conditions: ReadonlyMap<string, string>
  /** Reasons not to trust the numbers of this run. */
  defects: readonly string[]
  figures: ReadonlyMap<string, RunFigure>
}

export interface RunFigure {
  statistic: Statistic
  value: RunValue
}

/** The parts of a result that a comparison reads. */
export type StoredResult = Pick<
  RunResult,
  'run' | 'environment' | 'outcome' | 'validity' | 'reconciliation' | 'series' | 'liveControl'
> & { timeline?: readonly StoredSecond[]; customMetrics?: readonly ComparedMetric[] }

/** A point of the timeline, as far as a comparison reads it. */
export type StoredSecond = Pick<TimelinePoint, 'atMs' | 'requestsPerSecond' | 'responseP95Ms'>

/** A result that need not be judged yet. */
export type MeasuredResult = Pick<StoredResult, 'run' | 'environment' | 'series'> & Partial<StoredResult>

/** Percentiles that are compared by default: of the whole run, and of each load and name. */
const whole: readonly Aggregation[] = [{ percentile: 50 }, { percentile: 95 }, { percentile: 99 }]
const named: readonly Aggregation[] = [{ percentile: 50 }, { percentile: 95 }]
const ofTheRun: readonly (readonly [MetricName, readonly Aggregation[]])[] = [
  ['http_req_duration', whole],
  ['http_req_failed', ['rate']],
  ['http_reqs', ['rate']],
  ['event_e2e_latency', whole],
  ['ws_req_duration', whole],
  ['ws_req_failed', ['rate']],
  ['job_duration', whole],
  ['checks', ['rate']],
]
const ofEachName: typeof ofTheRun = [
  ['http_req_duration', named],
  ['http_req_failed', ['rate']],
]
/** Statistics of each metric that the scenario declares. A last value says nothing about the rest of a run. */
const customAggregations: Record<MetricKind, readonly Aggregation[]> = {
  counter: ['rate'],
  rate: ['rate'],
  gauge: [],
  trend: named,
}
const MOST_NAMES = 50

/** Returns a run with its usual statistics. @throws MalformedHistogram */
export function comparedRun(path: string, result: StoredResult): ComparedRun {
  const asked: AskedStatistics[] = [
    ...ofTheRun.map(([metric, aggregations]): AskedStatistics => ({ metric, readings: [{}], aggregations })),
    ...[...loadsOf(result.series), ...namesOf(result.series)].flatMap(tags =>
      ofEachName.map(([metric, aggregations]): AskedStatistics => ({ metric, readings: [tags], aggregations })),
    ),
    ...(result.customMetrics ?? []).map(
      ({ name, kind }): AskedStatistics => ({ metric: name, readings: [{}], aggregations: customAggregations[kind] }),
    ),
  ]
  return comparedRunWith(asked, path, result)
}

/** Statistics of one metric. */
export interface AskedStatistics extends Selector {
  /** A metric of another kind under this name is another metric. Default: any kind. */
  kind?: MetricKind
  aggregations: readonly Aggregation[]
}

/** Returns a run with the statistics that are asked for. @throws MalformedHistogram */
export function comparedRunWith(asked: readonly AskedStatistics[], path: string, result: MeasuredResult): ComparedRun {
  const { run, series } = result
  const figures = new Map<string, RunFigure>()
  const declared = new Map((result.customMetrics ?? []).map(custom => [custom.name, custom]))
  for (const { metric, kind, readings, aggregations } of asked) {
    const custom = declared.get(metric)
    const merged = mergedValue(series, metric, readings)
    if (merged === undefined || (kind ?? merged.kind) !== merged.kind) continue
    for (const aggregation of aggregations) {
      const statistic: Statistic = { metric, tags: readings[0], aggregation, ...(custom && { custom }) }
      const value = runValueOf(statistic, merged, run.durationMs)
      if (value !== undefined) figures.set(nameOf(statistic), { statistic, value })
    }
  }
  return {
    path,
    id: run.id,
    startedAt: run.startedAt,
    tags: run.tags,
    targetUrl: run.embedded ? undefined : run.targetUrl,
    conditions: conditionsOf(result),
    defects: defectsOf(result),
    figures,
  }
}

/**
 * Returns all series of a metric that fit the first reading of a selector with any, as one value; undefined without any.
 * @throws MalformedHistogram
 */
export function mergedValue(
  series: readonly MetricSeries[],
  metric: string,
  readings: readonly Tags[],
): Value | undefined {
  for (const reading of readings) {
    const fitting = series.filter(one => one.metric === metric && fits(one.tags, reading))
    const [first] = fitting
    if (first === undefined) continue
    const sum = emptyValue(first.value.kind)
    for (const { value } of fitting) if (value.kind !== 'gauge') mergeValue(sum, decodeValue(value))
    return sum
  }
  return undefined
}

function fits(tags: Tags, reading: Tags): boolean {
  return Object.entries(reading).every(([tag, value]) => tags[tag] === value)
}

/** Returns the loads of a run with several. */
function loadsOf(series: readonly MetricSeries[]): Tags[] {
  const requests = series.filter(({ metric }) => metric === 'http_reqs')
  const loads = [...new Set(requests.flatMap(({ tags }) => tags.load ?? []))]
  return loads.length < 2 ? [] : loads.map(load => ({ load }))
}

/** Returns the names with the most requests, with their methods; none if there is only one, which is the whole run. */
function namesOf(series: readonly MetricSeries[]): Tags[] {
  const requests = new Map<string, { tags: Tags; total: number }>()
  for (const { metric, tags, value } of series) {
    if (metric !== 'http_reqs' || value.kind !== 'counter') continue
    const own = { ...(tags.method && { method: tags.method }), name: tags.name ?? '' }
    const key = JSON.stringify(own)
    requests.set(key, { tags: own, total: (requests.get(key)?.total ?? 0) + value.total })
  }
  if (requests.size <= 1) return []
  const byRequests = [...requests.values()].sort((a, b) => b.total - a.total)
  return byRequests.slice(0, MOST_NAMES).map(({ tags }) => tags)
}
