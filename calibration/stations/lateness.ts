import type { FaultRuleReport } from '../../contract/faults/report.ts'
import type { RunResult } from '../../harness/results/run-result.ts'
import { Histogram } from '../../core/histogram.ts'

/**
 * Share of the mean gap between arrivals. Arrivals that are late by so much, as a root mean square, have gaps whose squared variation is off
 * by twice its square, 0.08: less than its interval is wide. So what is within this did not come of lateness.
 */
const MOST_LATE = 0.2
const STEPS = 2000

/**
 * Returns evidence that arrivals at a station, or the ends of its services, were not when they were due; undefined when they were. Both are
 * told by those who were late, whatever came of it: how late the harness sent, and how late the target’s timer was for the station.
 */
export function tooLate(
  { series }: Pick<RunResult, 'series'>,
  { delay }: Pick<FaultRuleReport, 'delay'>,
  gapMs: number,
): string | undefined {
  const sent = new Histogram()
  for (const { metric, value } of series) {
    if (metric === 'send_delay' && value.kind === 'trend') sent.merge(Histogram.fromJSON(value.histogram))
  }
  const served = delay === undefined ? new Histogram() : Histogram.fromJSON(delay.error)
  const mostMs = MOST_LATE * gapMs
  const late = [
    { who: 'the harness sent', byMs: rootMeanSquare(sent) },
    { who: 'the target served', byMs: rootMeanSquare(served) },
  ].find(({ byMs }) => byMs > mostMs)
  if (late === undefined) return undefined
  return `${late.who} late by ${late.byMs.toFixed(2)} ms (root mean square), of at most ${mostMs.toFixed(2)}`
}

/** By as many percentiles as tell the tail apart. */
function rootMeanSquare(histogram: Histogram): number {
  if (histogram.count === 0) return 0
  let sum = 0
  for (let step = 0; step < STEPS; step++) sum += histogram.percentile((100 * (step + 0.5)) / STEPS) ** 2
  return Math.sqrt(sum / STEPS)
}
