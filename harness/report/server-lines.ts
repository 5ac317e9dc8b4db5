import { formatShare } from '../../core/number-format.ts'
import type { RunResult } from '../results/run-result.ts'
import type { ServerSeries, ServerSource } from '../results/server-series.ts'
import { counted, formatBytes, formatMs, formatOffset, formatRate } from './quantity.ts'
import { plain, wrapped } from './terminal.ts'

/** Maximum number of lines about the gaps of a source. */
const MOST_LINES = 3

/** Returns the lines about what saturated first, and about metrics that are missing. */
export function serverLines({ server: { saturation, sources }, totals }: RunResult, width: number): string[] {
  if (totals.requests === 0 && sources.length === 0) return []
  return [
    ...wrapped(plain(saturation.sentence), width),
    ...sources.flatMap(source => {
      const missing = shortcomings(source)
      if (missing.length === 0) return []
      const lines = wrapped(plain(`${source.source}: ${missing.join('; ')}`), width)
      return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES - 1), '… the report has the rest']
    }),
  ]
}

/** Returns what is missing of a source, a sentence each. */
export function shortcomings({ answered, failed, problem, unmatched, seriesNotKept, notKept }: ServerSource): string[] {
  const gaps =
    problem &&
    `${failed} of ${counted(answered + failed, 'sample')} failed, the first at ${formatOffset(problem.atMs)}: ${problem.detail}`
  const left =
    seriesNotKept > 0 && `${counted(seriesNotKept, 'more series', 'more series')} left out: ${notKept.join(', ')}`
  const missing = unmatched.length > 0 && answered > 0 && `no series ${unmatched.join(', ')}`
  return [gaps, left, missing].filter(text => typeof text === 'string')
}

/** `{mode="idle"}`; nothing without labels. */
export function labelText(labels: ServerSeries['labels']): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return pairs.length === 0 ? '' : `{${pairs.join(', ')}}`
}

/** Formats a value in the unit at the end of its name. */
export function formatServerValue(name: string, value: number): string {
  if (name.endsWith('_bytes')) return formatBytes(value)
  if (name.endsWith('_share')) return formatShare(value)
  if (name.endsWith('_ms')) return formatMs(value)
  return formatRate(value)
}
