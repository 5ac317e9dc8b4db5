import type { Plan } from '../harness/plan/plan.ts'
import { type CommandContext, loadGuarded } from './command-context.ts'
import { planOf, type RunFlags } from './run-plan.ts'

/** What a worker in another process runs: the same scenario with the same options. It is sent as JSON. */
export interface WorkerJob {
  scenario: string
  flags: RunFlags
}

/** Returns the job of the workers of a run. @param seed of the run, which the flags may leave to chance */
export function jobOf(scenario: string, flags: RunFlags, { seed }: Pick<Plan, 'seed'>): WorkerJob {
  return { scenario, flags: { ...flags, seed } }
}

/** Loads the scenario of a job. @throws InputError */
export async function planOfJob(
  { scenario, flags }: WorkerJob,
  context: Pick<CommandContext, 'guard' | 'stops'>,
): Promise<Plan> {
  const file = await loadGuarded(scenario, flags.var, context)
  return planOf(file, scenario, flags)
}
