import { expect } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { systemClock } from '../../../core/clock.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import type { Scenario } from '../../../harness/scenario.ts'
import { runTrial, trialTarget } from './trial.ts'

export interface BothEnds {
  result: IncompleteResult
  ledger: LedgerReport
  /** The counts that were compared. */
  compared: string[]
}

/** Runs against a target in this process, and checks that its ledger agrees. */
export async function bothEnds(flags: Record<string, string>, definition: Scenario): Promise<BothEnds> {
  const targetUrl = await trialTarget(flags)
  const result = await runTrial(targetUrl, definition)
  const network = createPlan(definition, 'trial', { seed: 7, tags: {} }).network
  const ledger = await readSettledLedger({ targetUrl, clock: systemClock, network }, result.run.id)
  const { rows, state } = reconcile(result, ledger)
  expect(rows.filter(({ difference }) => difference !== 0)).toEqual([])
  expect(state).toBe('agrees')
  return { result, ledger, compared: rows.map(({ what }) => what) }
}
