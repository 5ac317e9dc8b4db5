import { Histogram } from '../core/histogram.ts'
import type { Tags, TrendName } from '../harness/metrics/catalog.ts'
import type { RunResult } from '../harness/results/run-result.ts'

/** Returns all samples of a trend whose tags include these. */
export function trendOf({ series }: Pick<RunResult, 'series'>, trend: TrendName, wanted: Tags = {}): Histogram {
  const sum = new Histogram()
  const pairs = Object.entries(wanted) as [keyof Tags, string][]
  for (const { metric, tags, value } of series) {
    if (metric !== trend || value.kind !== 'trend') continue
    if (pairs.every(([tag, text]) => tags[tag] === text)) sum.merge(Histogram.fromJSON(value.histogram))
  }
  return sum
}
