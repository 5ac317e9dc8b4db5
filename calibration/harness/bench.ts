import type { LedgerReport } from '../../contract/ledger.ts'
import type { Histogram } from '../../core/histogram.ts'
import type { IncompleteResult } from '../../harness/results/complete.ts'
import type { Scenario } from '../../harness/scenario.ts'
import { trial, type TrialEnds, type TrialOptions } from '../trial.ts'
import { watchTimers } from './timer-watch.ts'

/** `quick` takes half a minute in all, with wider intervals; `full` takes minutes. */
export type HarnessCheckSize = 'quick' | 'full'

/** Target and environment of a calibration of the harness. */
export interface HarnessBench extends TrialOptions {
  size: HarnessCheckSize
  /** Level of each statistical interval. */
  level: number
}

/** A run of the harness, what the target recorded about it, and how late a timer beside it was. */
export interface MeasuredRun {
  result: IncompleteResult
  ledger: LedgerReport
  /** Lateness of a timer in this process that the harness knows nothing of: evidence that the machine was too busy. */
  timers: Histogram
}

/** Runs a scenario, and watches a timer beside it. @throws Error when the run was not completed. */
export async function measured(
  bench: HarnessBench,
  name: string,
  definition: Scenario,
  ends?: TrialEnds,
): Promise<MeasuredRun> {
  const watch = watchTimers(bench.clock)
  try {
    return { ...(await trial(bench, name, definition, ends)), timers: watch.lateness }
  } finally {
    watch.stop()
  }
}

/** How late the timers of one end were. */
export interface Lateness {
  /** `timers beside the harness`. */
  of: string
  histogram: Histogram
}

/**
 * Returns evidence that the machine was too busy for a time to be exact to `mostMs` in this percentile; undefined if it was not.
 * @param lateness of timers at both ends
 */
export function tooBusy(
  { clock }: Pick<HarnessBench, 'clock'>,
  lateness: readonly Lateness[],
  percentile: number,
  mostMs: number,
): string | undefined {
  const limitMs = clock.timerErrorMs + mostMs
  const late = lateness.find(({ histogram }) => histogram.percentile(percentile) > limitMs)
  if (late === undefined) return undefined
  const byMs = late.histogram.percentile(percentile)
  return `${late.of} were late by ${byMs.toFixed(1)} ms at p${percentile}; the limit is ${limitMs.toFixed(1)} ms`
}
