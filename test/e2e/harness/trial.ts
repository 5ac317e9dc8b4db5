import { onTestFinished } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import type { IncompleteResult } from '../../../harness/results/complete.ts'
import { createPlan, type PlanOptions } from '../../../harness/plan/plan.ts'
import { run, type RunOptions } from '../../../harness/run/run.ts'
import type { Scenario } from '../../../harness/scenario.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

/** Starts a target in this process, which is closed after the test. @returns its URL */
export async function trialTarget(flags: Record<string, string> = {}): Promise<string> {
  const quiet = { 'http.port': '0', 'log.level': 'silent' }
  const target = await startTarget(loadConfiguration({ env: {}, flags: { ...quiet, ...flags } }))
  onTestFinished(() => target.close())
  return target.url
}

/** Runs a scenario against a target that is there already, without a warm-up and in the same way each time. */
export function runTrial(
  targetUrl: string,
  definition: Scenario,
  { plan = {}, ...options }: Partial<RunOptions> & { plan?: Partial<PlanOptions> } = {},
): Promise<IncompleteResult> {
  const never = new AbortController().signal
  return run(createPlan(definition, 'trial', { seed: 7, tags: {}, warmup: 0, ...plan }), {
    clock: systemClock,
    signal: never,
    kill: never,
    targetUrl,
    embedded: false,
    version: '0.0.0',
    ...options,
  })
}
