import type { FaultRuleReport } from '../../contract/faults/report.ts'
import type { RunResult } from '../../harness/results/run-result.ts'
import { Histogram } from '../../core/histogram.ts'
import { trendOf } from '../series.ts'

/**
 * Maximum lateness (root mean square), as a share of the mean gap between arrivals. It changes the squared variation of the gaps by twice
 * its square, 0.08, which is less than the width of the interval. So lateness up to here cannot explain a row outside.
 */
const MOST_LATE = 0.2
const STEPS = 2000

/**
 * Returns evidence that arrivals at a station, or the ends of its services, were not on time; undefined if they were. The harness
 * reports how late it sent, and the target how late its timer was.
 */
export function tooLate(
  result: Pick<RunResult, 'series'>,
  { delay }: Pick<FaultRuleReport, 'delay'>,
  gapMs: number,
): string | undefined {
  const sent = trendOf(result, 'send_delay')
  const served = delay === undefined ? new Histogram() : Histogram.fromJSON(delay.error)
  const mostMs = MOST_LATE * gapMs
  const late = [
    { who: 'the harness sent', byMs: rootMeanSquare(sent) },
    { who: 'the target served', byMs: rootMeanSquare(served) },
  ].find(({ byMs }) => byMs > mostMs)
  if (late === undefined) return undefined
  return `${late.who} late by ${late.byMs.toFixed(2)} ms (root mean square); the limit is ${mostMs.toFixed(2)} ms`
}

/** Computed from enough percentiles to resolve the tail. */
function rootMeanSquare(histogram: Histogram): number {
  if (histogram.count === 0) return 0
  let sum = 0
  for (let step = 0; step < STEPS; step++) sum += histogram.percentile((100 * (step + 0.5)) / STEPS) ** 2
  return Math.sqrt(sum / STEPS)
}
