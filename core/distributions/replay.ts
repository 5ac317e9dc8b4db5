import type { Distribution } from '../distribution.ts'
import { empirical } from './empirical.ts'

/**
 * The times of a trace, in order: the draw of an ordinal is always the same. Past the end it begins again, or its last time
 * holds. Mean and quantiles are those of one pass through the trace, which is not empty.
 */
export function replay(traceMs: readonly number[], loop: boolean): Distribution {
  const sorted = traceMs.toSorted((a, b) => a - b)
  const points = sorted.flatMap((valueMs, at) => [
    { share: at / sorted.length, valueMs },
    { share: (at + 1) / sorted.length, valueMs },
  ])
  const last = traceMs.length - 1
  return {
    ...empirical(points),
    sample: (_, ordinal) => traceMs[loop ? ordinal % traceMs.length : Math.min(ordinal, last)]!,
  }
}
