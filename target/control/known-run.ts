import { defaultRun } from '../../contract/headers.ts'
import { ProblemError } from '../exchange/problem.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Maximum number of runs that are listed in the problem for an unknown run. */
const MOST_RUNS_TOLD = 50

/** Returns the run if it is known. The default run always is, even without requests. @throws ProblemError unknown_run */
export function knownRun(ledger: Ledger, run = defaultRun): string {
  const runs = ledger.runs()
  if (run === defaultRun || runs.includes(run)) return run
  const told = runs.slice(-MOST_RUNS_TOLD).map(known => JSON.stringify(known))
  const rest = runs.length > told.length ? ` and ${runs.length - told.length} more` : ''
  const known = told.length === 0 ? 'no run' : `${told.join(', ')}${rest}`
  throw new ProblemError(
    'unknown_run',
    `no request of run ${JSON.stringify(run)} has come, or it is forgotten (ledger.runs); known: ${known}`,
  )
}
