import { expect, onTestFinished } from 'vitest'
import { readSettledLedger } from '../../../calibration/ledger-client.ts'
import { reconcile } from '../../../calibration/reconcile.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { systemClock } from '../../../core/clock.ts'
import { createPlan } from '../../../harness/plan/plan.ts'
import { run } from '../../../harness/run/run.ts'
import type { Scenario } from '../../../harness/scenario.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

export interface BothEnds {
  result: IncompleteResult
  ledger: LedgerReport
  /** The counts that were compared. */
  compared: string[]
}

/** Runs against a target in this process, and checks that its ledger agrees. */
export async function bothEnds(flags: Record<string, string>, definition: Scenario): Promise<BothEnds> {
  const quiet = { 'http.port': '0', 'log.level': 'silent' }
  const target = await startTarget(loadConfiguration({ env: {}, flags: { ...quiet, ...flags } }))
  onTestFinished(() => target.close())
  const never = new AbortController().signal
  const plan = createPlan(definition, 'trial', { seed: 7, tags: {}, warmup: 0 })
  const result = await run(plan, {
    clock: systemClock,
    signal: never,
    kill: never,
    targetUrl: target.url,
    embedded: false,
    version: '0.0.0',
  })
  const ledger = await readSettledLedger(
    { targetUrl: target.url, clock: systemClock, network: plan.network },
    result.run.id,
  )
  const { rows, state } = reconcile(result, ledger)
  expect(rows.filter(({ difference }) => difference !== 0)).toEqual([])
  expect(state).toBe('agrees')
  return { result, ledger, compared: rows.map(({ what }) => what) }
}
