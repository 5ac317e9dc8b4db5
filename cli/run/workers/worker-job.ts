import { hostname } from 'node:os'
import type { PlacedJob } from '../../../harness/cluster/hosted-run.ts'
import { dataFiles } from '../../../harness/feeders/data-files.ts'
import type { Plan } from '../../../harness/plan/plan.ts'
import { VARIABLE_PREFIX } from '../../../harness/scenario/given-variables.ts'
import { type CommandContext, loadGuarded } from '../../loading/command-context.ts'
import { trusting } from '../../target/embedded-trust.ts'
import { InputError } from '../../process/input-error.ts'
import type { RunFlags } from '../plan/run-flags.ts'
import { planOf } from '../plan/run-plan.ts'

/** The work of a worker in another process: the same scenario with the same options. It is sent as JSON. */
export interface WorkerJob extends PlacedJob {
  flags: RunFlags
  /** Variables of the environment that the scenario may read. */
  environment?: Record<string, string>
  /** Certificate of the embedded target that the workers trust (PEM). */
  trusted?: string
}

/** Returns the job of the workers of a run. @param seed of the run, which the flags may leave to chance */
export function jobOf(scenario: string, flags: RunFlags, { seed, network }: Pick<Plan, 'seed' | 'network'>): WorkerJob {
  const trusted = network.tls?.embedded
  return { scenario, flags: { ...flags, seed }, ...(trusted !== undefined && { trusted }) }
}

/** Loads the scenario of a job. @throws InputError */
export async function planOfJob(job: WorkerJob, context: Pick<CommandContext, 'guard' | 'stops'>): Promise<Plan> {
  const plan = await loadedPlan(job, context)
  return job.trusted === undefined ? plan : { ...plan, network: trusting(plan.network, job.trusted) }
}

async function loadedPlan(
  { scenario, flags, moved, environment }: WorkerJob,
  context: Pick<CommandContext, 'guard' | 'stops'>,
): Promise<Plan> {
  if (environment !== undefined) replaceVariables(environment)
  if (moved === undefined) return planOf(await loadGuarded(scenario, flags.var, context), scenario, flags)
  dataFiles.move(moved)
  try {
    return planOf(await loadGuarded(scenario, flags.var, context), scenario, flags)
  } catch (error) {
    const [, name] = /Cannot find package '([^']+)'/.exec((error as Error).message) ?? []
    if (name === undefined) throw error
    throw new InputError(
      `the scenario imports the package ${name}, which is not installed on ${hostname()} where the worker was started`,
    )
  }
}

/** Sets the variables of the run's machine. Those of this machine would make its share another load. */
function replaceVariables(environment: Record<string, string>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith(VARIABLE_PREFIX)) delete process.env[name]
  Object.assign(process.env, environment)
}
