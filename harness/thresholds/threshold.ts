import { type MetricKind, metrics } from '../metrics/catalog.ts'
import { builtInVocabulary, type MetricVocabulary } from '../metrics/vocabulary.ts'
import { definitionOf, type Selector } from './selector.ts'

/** One condition on one metric, parsed. */
export interface Threshold extends Selector {
  kind: MetricKind
  /** Both as written in the scenario. */
  source: { metric: string; expression: string }
  aggregation: Aggregation
  comparison: Comparison
  limit: number
  unit: ThresholdVerdict['unit']
  abortOnFail: boolean
  delayAbortEvalMs: number
}

export interface ThresholdVerdict {
  /** As the scenario wrote it: `http_req_duration{name:/v1/events/publish}`. */
  metric: string
  /** `p(95)<200`. */
  expression: string
  state: 'passed' | 'failed' | 'no-data'
  observed?: number
  limit: number
  /** `count`, `bytes`, `ms`, `share`, `per second`, or the unit of a metric of the scenario. */
  unit: string
  /** How far from the limit, as a share of the limit: positive is room left. Absent when the limit is zero or there is no data. */
  margin?: number
  samples: number
}

export type Aggregation = 'avg' | 'min' | 'max' | 'med' | 'count' | 'rate' | 'value' | { percentile: number }
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!='

/** Aggregations of each kind of metric, as listed in errors. */
const aggregations: Record<MetricKind, readonly string[]> = {
  counter: ['count', 'rate'],
  rate: ['rate', 'count'],
  gauge: ['value'],
  trend: ['p(N)', 'avg', 'min', 'med', 'max', 'count'],
}

/** Aggregations of a gauge that the scenario declares. */
const ownGauge: readonly string[] = ['value', 'min', 'max']

/** Parses an expression such as `p(95)<200`. @throws RangeError */
export function parseExpression(
  metric: string,
  source: string,
  vocabulary: MetricVocabulary = builtInVocabulary,
): Pick<Threshold, 'kind' | 'aggregation' | 'comparison' | 'limit' | 'unit'> {
  const [, name, comparison, limit] = /^\s*([a-z]+|p\([^)]*\))\s*(<=|>=|===?|!==?|<|>)\s*(\S+)\s*$/.exec(source) ?? []
  if (name === undefined || comparison === undefined || limit === undefined || !isNumber(limit)) {
    throw new RangeError(`expected a condition such as 'p(95)<200' or 'count==0', got ${quoted(source)}`)
  }
  const { kind, unit } = definitionOf(metric, vocabulary)
  const allowed = kind === 'gauge' && !Object.hasOwn(metrics, metric) ? ownGauge : aggregations[kind]
  if (!allowed.includes(name.startsWith('p(') ? 'p(N)' : name)) {
    throw new RangeError(`${metric} is a ${kind}: expected ${allowed.join(', ')}, got ${quoted(name)}`)
  }
  return {
    kind,
    aggregation: name.startsWith('p(') ? { percentile: parsePercentile(name) } : (name as Aggregation),
    comparison: comparison.replace(/^([!=]=)=$/, '$1') as Comparison,
    limit: Number(limit),
    unit:
      name === 'rate' && kind === 'counter' ? 'per second' : name === 'count' && kind !== 'counter' ? 'count' : unit,
  }
}

function parsePercentile(name: string): number {
  const inner = name.slice(2, -1).trim()
  const percentile = Number(inner)
  if (isNumber(inner) && percentile >= 0 && percentile <= 100) return percentile
  throw new RangeError(`expected p(N) with N in 0…100, got ${quoted(name)}`)
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text))
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
