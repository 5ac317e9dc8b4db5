import type { LedgerReport } from '../../contract/ledger.ts'
import type { Histogram } from '../../core/histogram.ts'
import type { IncompleteResult } from '../../harness/results/complete.ts'
import type { Scenario } from '../../harness/scenario.ts'
import { type CheckRow, judged } from '../check-row.ts'
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

/** How late the timers of one end were. */
export interface Lateness {
  /** `timers beside the harness`. */
  of: string
  histogram: Histogram
}

/** A run of the harness, what the target recorded about it, and how late a timer beside it was. */
export interface MeasuredRun {
  result: IncompleteResult
  ledger: LedgerReport
  /** Lateness of a timer in this process that the harness knows nothing of: evidence that the machine was too busy. */
  timers: Lateness
}

/** Runs checks one after another; the quick ones together, because they wait most of the time. */
export async function inTurnOrTogether<Findings>(
  bench: HarnessBench,
  checks: readonly ((bench: HarnessBench) => Promise<Findings>)[],
): Promise<Findings[]> {
  if (bench.size === 'quick') return Promise.all(checks.map(check => check(bench)))
  const findings: Findings[] = []
  for (const check of checks) findings.push(await check(bench))
  return findings
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
    const ended = await trial(bench, name, definition, ends)
    return { ...ended, timers: { of: 'timers beside the harness', histogram: watch.lateness } }
  } finally {
    watch.stop()
  }
}

/** A time contains several turns of the event loops at both ends: to connect, to send, to receive. */
const TURNS = 3

/**
 * Makes a row on a time invalid if the time is too long by no more than a few turns that were as late as the latest timers at both ends. A
 * busy machine explains no larger difference, and no time that is too short, unless its start was `seen` by the harness and may be late too.
 */
export function unlessLate(row: CheckRow, lateness: readonly Lateness[], start: 'known' | 'seen' = 'known'): CheckRow {
  const { interval, theory } = row
  const longerMs = interval.low - theory
  const shorterMs = theory - interval.high
  const isTooLong = longerMs > 0
  if (row.state !== 'outside' || (!isTooLong && start === 'known')) return row
  const offMs = isTooLong ? longerMs : shorterMs
  const lateMs = TURNS * lateness.reduce((sum, { histogram }) => sum + histogram.maxMs, 0)
  if (lateMs < offMs) return row
  const which = lateness.map(({ of }) => of).join(' and ')
  const off = `too ${isTooLong ? 'long' : 'short'} by ${offMs.toFixed(1)} ms`
  return judged(row, `${off}, but ${which} were late by up to ${(lateMs / TURNS).toFixed(1)} ms`)
}

/**
 * Returns evidence that the machine was too busy for a time to be exact to `mostMs` in this percentile; undefined if it was not.
 */
export function tooBusy(
  { clock }: Pick<HarnessBench, 'clock'>,
  { of, histogram }: Lateness,
  percentile: number,
  mostMs: number,
): string | undefined {
  const limitMs = clock.timerErrorMs + mostMs
  const byMs = histogram.percentile(percentile)
  if (byMs <= limitMs) return undefined
  return `${of} were late by ${byMs.toFixed(1)} ms at p${percentile}; the limit is ${limitMs.toFixed(1)} ms`
}
