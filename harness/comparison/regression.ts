import type { MetricKind } from '../metrics/catalog.ts'
import { builtInVocabulary } from '../metrics/vocabulary.ts'
import type { RegressionVerdict } from '../results/run-result.ts'
import { effectOf } from '../statistics/effect.ts'
import { drawResamples } from '../statistics/resamples.ts'
import { type DifferenceVerdict, judgeDifferences } from '../statistics/verdict.ts'
import { definitionOf, parseSelector, type Selector } from '../thresholds/selector.ts'
import { parseExpression } from '../thresholds/threshold.ts'
import { type AskedStatistics, type ComparedRun, comparedRunWith, type MeasuredResult } from './compared-run.ts'
import { isMoreBetter, nameOf, scaleOf, type Statistic, unitOf } from './statistic.ts'

/** A limit on how much worse a statistic may be than in the baseline. */
export interface RegressionLimit extends Selector {
  /** As the command line gave it. */
  source: string
  kind: MetricKind
  statistic: Statistic
  limit: number
}

/** With fewer, an interval for one new run is so wide that even a run many times slower would not fail. */
const FEWEST_BASELINES = 3
const EXAMPLE = "'http_req_duration p(95) 5%'"

/** Parses `http_req_duration{name:/orders} p(95) 5%`; shares take their limit in points of percent. @throws RangeError */
export function parseRegressionLimit(source: string, vocabulary = builtInVocabulary): RegressionLimit {
  const [, selector, aggregation, percent] =
    /^\s*(\S[^]*?)\s+([a-z]+|p\([^)]*\))\s+(\d+(?:\.\d+)?)\s*%\s*$/.exec(source) ?? []
  if (selector === undefined || aggregation === undefined || percent === undefined)
    throw new RangeError(
      `expected a metric, its aggregation and a percentage such as ${EXAMPLE}, got ${JSON.stringify(source)}`,
    )
  const { metric, readings } = parseSelector(selector, vocabulary)
  const { kind } = definitionOf(metric, vocabulary)
  if (kind === 'gauge') throw new RangeError(`${metric} is a gauge, the last value there was: it cannot be compared`)
  const { aggregation: parsed } = parseExpression(metric, `${aggregation}<=${percent}`, vocabulary)
  const custom = vocabulary.custom.get(metric)
  const statistic = { metric, tags: readings[0], aggregation: parsed, ...(custom && { custom }) }
  return { source, kind, metric, readings, statistic, limit: Number(percent) / 100 }
}

/** Returns a run with the statistics that limits are set on. @throws MalformedHistogram */
export function limitedRun(limits: readonly RegressionLimit[], path: string, result: MeasuredResult): ComparedRun {
  const asked = limits.map(
    ({ metric, kind, readings, statistic }): AskedStatistics => ({
      metric,
      kind,
      readings,
      aggregations: [statistic.aggregation],
    }),
  )
  return comparedRunWith(asked, path, result)
}

/** Compares a run with its baseline. The seed is fixed, so the verdict depends only on the runs. Pure. */
export function judgeRegressions(
  limits: readonly RegressionLimit[],
  baseline: readonly ComparedRun[],
  run: ComparedRun,
): RegressionVerdict[] {
  const resamples = drawResamples(1, [baseline.length, 1])
  const enough = baseline.length >= FEWEST_BASELINES
  const measured = limits.map(limit => {
    const key = nameOf(limit.statistic)
    const base = baseline.flatMap(({ figures }) => figures.get(key)?.value ?? [])
    const own = run.figures.get(key)?.value
    return { limit, base, own: base.length === baseline.length ? own : undefined }
  })
  const tested = measured.flatMap(({ limit, base, own }) => {
    if (own === undefined || !enough) return []
    const scale = scaleOf(limit.statistic)
    const effect = effectOf(base, [own], resamples)
    return [{ limit, effect, scale, tolerance: limit.limit, runs: resamples.runs }]
  })
  const verdicts = judgeDifferences(tested)
  return measured.map(({ limit, base, own }): RegressionVerdict => {
    const { source: demand, statistic } = limit
    const verdict = { demand, unit: unitOf(statistic), limit: limit.limit, baselines: baseline.length }
    if (own === undefined) return { ...verdict, state: 'no-data' }
    const scale = scaleOf(statistic)
    const centre = scale.back(base.reduce((sum, { value }) => sum + value, 0) / base.length)
    const observed = scale.back(own.value)
    const change = scale.change(centre, observed)
    const judged = verdicts[tested.findIndex(one => one.limit === limit)]
    return {
      ...verdict,
      state: stateOf(limit, change, judged),
      base: centre,
      observed,
      change,
      ...(judged && { interval: { low: judged.interval.low, high: judged.interval.high } }),
    }
  })
}

/** Returns the verdict on a change. With one or two baseline runs there is no interval, and the change itself decides. */
function stateOf(
  { statistic, limit }: RegressionLimit,
  change: number,
  judged: DifferenceVerdict | undefined,
): RegressionVerdict['state'] {
  const sign = isMoreBetter(statistic) ? -1 : 1
  const exceeds = sign * change > limit
  if (judged === undefined) return exceeds ? 'failed' : 'passed'
  if (exceeds && (judged.state === 'more' || judged.state === 'less')) return 'failed'
  const { low, high } = judged.interval
  return Math.max(sign * low, sign * high) > limit ? 'unclear' : 'passed'
}
