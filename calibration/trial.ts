import type { LedgerReport } from '../contract/ledger.ts'
import type { IncompleteResult } from '../harness/results/complete.ts'
import type { Clock } from '../core/clock.ts'
import { createPlan } from '../harness/plan/plan.ts'
import { run } from '../harness/run/run.ts'
import type { Scenario } from '../harness/scenario.ts'
import { readSettledLedger } from './ledger-client.ts'

/** Target and environment of a calibration. */
export interface TrialOptions {
  /** A target that is not used by anybody else meanwhile. */
  targetUrl: string
  controlToken?: string
  clock: Clock
  seed: number
  /** Version of the harness, for its results. */
  version: string
}

/** A run without warm-up, and what the target says of it. @throws Error when the run did not come to its end. */
export async function trial(
  options: TrialOptions,
  name: string,
  definition: Scenario,
): Promise<{ result: IncompleteResult; ledger: LedgerReport }> {
  const { clock, seed, targetUrl, version } = options
  const never = new AbortController().signal
  const result = await run(createPlan(definition, name, { seed, tags: {}, warmup: 0 }), {
    clock,
    signal: never,
    kill: never,
    targetUrl,
    embedded: false,
    version,
  })
  // A trial of a fault may well want every request refused.
  if (!['completed', 'nothing_succeeded'].includes(result.outcome.state)) {
    throw new Error(`the run ${name} was not completed: ${result.outcome.detail}`)
  }
  return { result, ledger: await readSettledLedger(options, result.run.id) }
}
