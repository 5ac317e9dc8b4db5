import { systemClock } from '../../core/clock.ts'
import { formatCount } from '../../core/number-format.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Plan } from '../../harness/plan/plan.ts'
import { counted } from '../../harness/report/quantity.ts'
import { stageText } from '../../harness/report/stage-lines.ts'
import { type Paint, paintFor, plain } from '../../harness/report/terminal.ts'
import { exitCodeOfOutcome, exitCodes } from '../../harness/results/exit-codes.ts'
import { BodyText } from '../../harness/run/once/body-text.ts'
import { Concealment } from '../../harness/run/once/concealment.ts'
import { type OnceResult, runOnce } from '../../harness/run/once/once.ts'
import { ScriptLog } from '../../harness/run/once/script-log.ts'
import { secretsIn } from '../../harness/scenario/given-variables.ts'
import { type CommandContext, loadGuarded } from '../loading/command-context.ts'
import { planFor } from '../target/embedded-trust.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from '../target/embedded-target.ts'
import { InputError } from '../process/input-error.ts'
import { tellDoubt } from '../options/network.ts'
import type { RunFlags } from './plan/run-flags.ts'
import { checkTarget, planOf } from './plan/run-plan.ts'

const DEFAULT_ITERATION = '10s'

/** Runs each kind of user once and shows what it sends and receives. @returns the exit code. @throws InputError */
export async function completeOnce(fileOrName: string, flags: RunFlags, context: CommandContext): Promise<number> {
  const { stops, guard, version } = context
  rejectUnfit(flags)
  const { duration = DEFAULT_ITERATION, ...others } = flags
  const iterationMs = readIteration(duration)
  const file = await loadGuarded(fileOrName, flags.var, context)
  const plan = planOf(file, fileOrName, others)
  plan.doubts.forEach(tellDoubt)
  checkTarget(plan, flags)
  tellLeftOut(plan)
  let embedded: EmbeddedTarget | undefined
  try {
    if (flags.target === undefined) {
      embedded = await startEmbeddedTarget(plan.targetSettings, { signal: stops.graceful })
    }
    stops.graceful.throwIfAborted()
    const paint = paintFor(process.stdout)
    const concealment = new Concealment({ shown: flags.show.includes('secrets'), secrets: secretsIn(plan.variables) })
    const log = new ScriptLog({
      write: line => process.stdout.write(`${line}\n`),
      paint,
      concealment,
      bodies: new BodyText(concealment, flags.show.includes('bodies')),
    })
    const result = await runOnce(planFor(plan, embedded), {
      clock: systemClock,
      signal: stops.graceful,
      kill: stops.atOnce,
      guard,
      targetUrl: embedded?.url ?? flags.target!,
      controlUrl: embedded === undefined ? flags.controlUrl : embedded.controlUrl,
      controlToken: process.env['LOADCELL_CONTROL_TOKEN'],
      version,
      log,
      iterationMs,
    })
    process.stdout.write(`\n${endLines(result, paint).join('\n')}\n`)
    return exitCodeOf(result)
  } finally {
    await embedded?.stop(stops.atOnce)
  }
}

/** Options of a load, or of its report. */
const UNFIT = {
  ui: '--ui',
  uiPort: '--ui-port',
  vus: '--vus',
  rate: '--rate',
  profile: '--profile',
  warmup: '--warmup',
  faults: '--faults',
  threshold: '--threshold',
  observe: '--observe',
  baseline: '--baseline',
  maxRegression: '--max-regression',
  force: '--force',
  out: '--out',
  tag: '--tag',
  place: '--place',
  report: '--report',
  summary: '--summary',
  export: '--export',
  quiet: '--quiet',
  workers: '--workers',
  cluster: '--cluster',
  onWorkerLoss: '--on-worker-loss',
} as const satisfies Partial<Record<keyof RunFlags, string>>

/** @throws InputError when options are given that mean nothing for one iteration. */
function rejectUnfit(flags: RunFlags): void {
  const unfit = Object.entries(UNFIT)
    .filter(([key]) => isGiven(flags[key as keyof typeof UNFIT]))
    .map(([, flag]) => flag)
  if (unfit.length === 0) return
  throw new InputError(
    `--once runs one iteration and writes no report, so that ${unfit.join(', ')} would mean nothing`,
    `Leave ${unfit.length === 1 ? 'it' : 'them'} out, or leave out --once.`,
  )
}

function isGiven(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined
}

/** @throws InputError */
function readIteration(duration: string): number {
  try {
    const iterationMs = parseDuration(duration)
    if (iterationMs > 0) return iterationMs
  } catch {
    // It is no duration.
  }
  throw new InputError(
    `--duration: expected a duration longer than 0 such as 30s, got ${JSON.stringify(duration)}`,
    'With --once, it is the time that an iteration has.',
  )
}

/** Says which parts of the scenario are for a run under load. */
function tellLeftOut({ faults, disturbances }: Plan): void {
  const left = [...(faults === undefined ? [] : ['faults']), ...(disturbances.length === 0 ? [] : ['disturb'])]
  if (left.length === 0) return
  process.stderr.write(`Note: --once leaves out the ${left.join(' and the ')} of the scenario.\n`)
}

/** Returns how it ended, for the last lines. */
function endLines(result: OnceResult, paint: Paint): string[] {
  const { outcome, requests, failedRequests, checks, failedChecks, otherFailures, stages } = result
  const part = (what: string, failed: number) => (failed === 0 ? what : `${what}, ${formatCount(failed)} failed`)
  const counts = [
    part(counted(requests, 'request'), failedRequests),
    part(counted(checks, 'check'), failedChecks),
    ...(otherFailures === 0 ? [] : [counted(otherFailures, 'other failure')]),
  ]
  const told = Object.entries(stages).map(([name, report]) => `${name}: ${plain(stageText(report))}`)
  const sign = isClean(result) ? paint('green', '✓') : paint('red', '✗')
  return [
    `${sign} ${counts.join(' · ')}${isClean(result) ? ' · nothing failed' : ''}`,
    ...told.map(line => `  ${line}`),
    ...(outcome === undefined ? [] : [`  ${plain(outcome.detail)}`]),
  ]
}

function isClean({ outcome, failedRequests, failedChecks, otherFailures, stages }: OnceResult): boolean {
  const stagesAreClean = Object.values(stages).every(
    ({ state, failedRequests }) => state === 'completed' && failedRequests === 0,
  )
  return outcome === undefined && stagesAreClean && failedRequests + failedChecks + otherFailures === 0
}

function exitCodeOf(result: OnceResult): number {
  const decided = result.outcome && exitCodeOfOutcome(result.outcome)
  return decided ?? (isClean(result) ? exitCodes.ok : exitCodes.thresholdsFailed)
}
