import { formatCount } from '../../core/number-format.ts'
import type { RunResult } from '../results/run-result.ts'
import { hasPercentile } from '../results/spectrum.ts'
import { formatMs, formatOffset, formatPart, formatRate } from './quantity.ts'
import { clipped } from './terminal.ts'

const MOST_LOADS = 8
const LONGEST_NAME = 16

/** Returns a line for each load of a scenario with several: when it ran, its iterations, requests and times. */
export function loadLines({ loads = [] }: Pick<RunResult, 'loads'>, width: number): string[] {
  const rows = loads.slice(0, MOST_LOADS)
  const nameWidth = Math.min(LONGEST_NAME, Math.max(0, ...rows.map(({ load }) => load.length))) + 2
  const lines = rows.map(({ load, fromMs, toMs, iterationsPerSecond, lost, requests, failed, response }) => {
    const told = [
      `${formatOffset(fromMs)}–${formatOffset(toMs)}`,
      `${formatRate(iterationsPerSecond)} iterations/s`,
      ...(lost.dropped > 0 ? [`${formatCount(lost.dropped)} dropped`] : []),
      ...(failed > 0 ? [`${formatPart(failed, requests)} failed`] : []),
      ...(hasPercentile(response.count, 95) ? [`p95 ${formatMs(response.p95Ms)}`] : []),
    ]
    return clipped(`${clipped(load, LONGEST_NAME).padEnd(nameWidth)}${told.join(' · ')}`, width)
  })
  return loads.length > MOST_LOADS ? [...lines, `and ${loads.length - MOST_LOADS} more`] : lines
}
