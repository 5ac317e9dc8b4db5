import { type MetricKind, type MetricName, metrics } from '../metrics/catalog.ts'
import type { Selector } from './selector.ts'

/** One condition on one metric, parsed. */
export interface Threshold extends Selector {
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
  unit: 'count' | 'bytes' | 'ms' | 'share' | 'per second'
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

/** Parses an expression such as `p(95)<200`. @throws RangeError */
export function parseExpression(
  metric: MetricName,
  source: string,
): Pick<Threshold, 'aggregation' | 'comparison' | 'limit' | 'unit'> {
  const [, name, comparison, limit] = /^\s*([a-z]+|p\([^)]*\))\s*(<=|>=|===?|!==?|<|>)\s*(\S+)\s*$/.exec(source) ?? []
  if (name === undefined || comparison === undefined || limit === undefined || !isNumber(limit)) {
    throw new RangeError(`expected a condition such as 'p(95)<200' or 'count==0', got ${quoted(source)}`)
  }
  const { kind, unit } = metrics[metric]
  const allowed = aggregations[kind]
  if (!allowed.includes(name.startsWith('p(') ? 'p(N)' : name)) {
    throw new RangeError(`${metric} is a ${kind}: expected ${allowed.join(', ')}, got ${quoted(name)}`)
  }
  return {
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
