import type { RunOutcome, RunResult } from './run-result.ts'

/** Exit codes of `loadcell`. 99, 104 and 105 mean what they mean in k6. */
export const exitCodes = {
  ok: 0,
  /** A defect in Loadcell itself. */
  internal: 1,
  targetUnreachable: 97,
  /** The generator or its machine was at fault, a search for capacity has no answer, clocks differed, or both ends disagree: the numbers cannot be trusted. */
  invalidRun: 98,
  thresholdsFailed: 99,
  /** A scenario, option or configuration that cannot be used. */
  badInput: 104,
  interrupted: 105,
} as const

/** Returns the exit code of a run that ended in this state; undefined where its verdict decides. */
export function exitCodeOfOutcome({ state }: RunOutcome): number | undefined {
  switch (state) {
    case 'target_unreachable':
    case 'target_lost':
      return exitCodes.targetUnreachable
    case 'scenario_failed':
      return exitCodes.badInput
    case 'interrupted':
      return exitCodes.interrupted
    case 'machine_exhausted':
    case 'worker_lost':
      return exitCodes.invalidRun
    case 'completed':
    case 'aborted_by_threshold':
    case 'nothing_succeeded':
      return undefined
  }
}

/** Returns the exit code of a run. Validity comes before the verdict: the thresholds of an invalid run mean nothing. */
export function exitCodeOf(result: RunResult): number {
  const decided = exitCodeOfOutcome(result.outcome)
  if (decided !== undefined) return decided
  if (result.validity.state === 'invalid' || result.reconciliation.state === 'differs') return exitCodes.invalidRun
  const passed =
    result.outcome.state !== 'nothing_succeeded' &&
    result.thresholds.every(({ state }) => state === 'passed') &&
    (result.regressions ?? []).every(({ state }) => state === 'passed' || state === 'unclear')
  return passed ? exitCodes.ok : exitCodes.thresholdsFailed
}

export const exitCodesHelp = `
Exit codes:
  0    the run completed and every threshold passed
  97   the target could not be reached, or was lost in mid-run
  98   the run is invalid: the generator was too slow, lost a worker, or ran out of files
       or ports, clocks differ, or both ends disagree
  99   a threshold failed or had no data, the run is worse than its baseline by more than
       --max-regression allows, or nothing at all succeeded
  104  the scenario, an option or the configuration cannot be used
  105  interrupted (a run that had begun is reported all the same)
  1    a defect of Loadcell itself`
