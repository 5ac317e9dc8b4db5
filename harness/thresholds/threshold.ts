import { type MetricKind, type MetricName, metrics, type Tags } from '../../contract/metrics.ts'
import type { Verdict } from '../../contract/run-result.ts'
import { nearest } from '../../core/nearest.ts'

/** One condition on one metric, parsed. */
export interface Threshold {
  /** As the scenario wrote both. */
  source: { metric: string; expression: string }
  metric: MetricName
  selector: Tags
  aggregation: Aggregation
  comparison: Comparison
  limit: number
  unit: Verdict['unit']
  abortOnFail: boolean
  delayAbortEvalMs: number
}

export type Aggregation = 'avg' | 'min' | 'max' | 'med' | 'count' | 'rate' | 'value' | { percentile: number }
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!='

/** What can be said of each kind of metric, in the words that an error lists. */
const aggregations: Record<MetricKind, readonly string[]> = {
  counter: ['count', 'rate'],
  rate: ['rate', 'count'],
  gauge: ['value'],
  trend: ['p(N)', 'avg', 'min', 'med', 'max', 'count'],
}

const tagNames: readonly (keyof Tags)[] = [
  'name',
  'method',
  'status',
  'operation',
  'user',
  'task',
  'stream',
  'transport',
  'check',
  'reason',
  'phase',
]

/** `http_req_duration{name:/v1/events/publish,status:202}`. @throws RangeError */
export function parseSelector(source: string): { metric: MetricName; selector: Tags } {
  const [, name, tags] = /^\s*([^{\s]*)\s*(?:\{(.*)\})?\s*$/.exec(source) ?? []
  if (name === undefined)
    throw new RangeError(`expected a metric such as http_req_duration{name:/orders}, got ${quoted(source)}`)
  if (!(name in metrics))
    throw new RangeError(`there is no metric ${quoted(name)}${didYouMean(name, Object.keys(metrics))}`)
  const metric = name as MetricName
  const selector: Tags = Object.fromEntries(splitTags(tags ?? '').map(parseTag))
  if (selector.phase !== undefined && metrics[metric].kind === 'gauge')
    throw new RangeError(`${metric} is a gauge, the last value there was: it has no phase`)
  return { metric, selector }
}

/** `p(95)<200` of this metric. @throws RangeError */
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

/** Commas separate tags, but not inside the braces of a route template. */
function splitTags(source: string): string[] {
  const tags: string[] = []
  let depth = 0
  let tag = ''
  for (const character of source) {
    depth += character === '{' ? 1 : character === '}' ? -1 : 0
    if (character === ',' && depth === 0) {
      tags.push(tag)
      tag = ''
    } else {
      tag += character
    }
  }
  return [...tags, tag].filter(text => text.trim() !== '')
}

function parseTag(source: string): [string, string] {
  const colon = source.indexOf(':')
  if (colon === -1) throw new RangeError(`expected a tag such as name:/orders, got ${quoted(source)}`)
  const name = source.slice(0, colon).trim()
  if (!(tagNames as string[]).includes(name)) {
    throw new RangeError(
      `there is no tag ${quoted(name)}${didYouMean(name, tagNames)}; there are ${tagNames.join(', ')}`,
    )
  }
  return [name, source.slice(colon + 1).trim()]
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const guess = nearest(word, candidates)
  return guess === undefined ? '' : `; did you mean ${quoted(guess)}?`
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text))
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
