import type { CompactHistogram } from '../../core/compact-histogram.ts'

/** Lower bound of the first level. Anything faster counts there. */
const LOWEST_MS = 0.01
const LEVELS_PER_DECADE = 10

/**
 * How many response times of a step of time lie at which level: the first level that has any, then the count at each level from
 * there on. Level n begins at 0.01 ms · 10^(n/10). Empty without response times.
 */
export type HeatColumn = number[]

/** Returns the sum of some distributions, level by level. */
export function heatColumn(distributions: readonly CompactHistogram[]): HeatColumn {
  const counts = new Map<number, number>()
  for (const distribution of distributions) {
    distribution.forEachBucket((middleMs, count) => {
      const level = levelOf(middleMs)
      counts.set(level, (counts.get(level) ?? 0) + count)
    })
  }
  if (counts.size === 0) return []
  const first = Math.min(...counts.keys())
  const last = Math.max(...counts.keys())
  return [first, ...Array.from({ length: last - first + 1 }, (_, index) => counts.get(first + index) ?? 0)]
}

function levelOf(valueMs: number): number {
  return Math.max(0, Math.floor(Math.log10(valueMs / LOWEST_MS) * LEVELS_PER_DECADE + 1e-9))
}
