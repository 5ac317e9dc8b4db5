import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { LedgerUnavailable, readLedger, readSettledLedger, type LedgerClientOptions } from '../calibration/ledger-client.ts'
import { notReconciled, reconcile } from '../calibration/reconcile.ts'
import type { Reconciliation, RunResult } from '../contract/run-result.ts'
import { systemClock } from '../core/clock.ts'
import { freshSeed } from '../core/random.ts'
import { createPlan, type Plan, ScenarioError } from '../harness/plan.ts'
import { renderReport } from '../harness/report/html.ts'
import { createProgress } from '../harness/report/progress.ts'
import { summaryLines } from '../harness/report/summary.ts'
import { run } from '../harness/run.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from './embedded-target.ts'
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-codes.ts'
import { InputError } from './input-error.ts'
import { loadScenario, readyScenarios } from './scenario-file.ts'
import { keyValue } from './target.ts'

interface RunFlags {
  target?: string
  vus?: number
  rate?: number
  duration?: string
  profile?: string
  warmup?: string
  seed?: number
  out?: string
  tag: Record<string, string>
  quiet?: true
}

export function runCommand(version: string): Command {
  return new Command('run')
    .description('Generate load: live progress, thresholds, reconciliation with the target’s ledger, a report, an exit code.')
    .argument('<scenario>', `a scenario file, or one of: ${readyScenarios().join(', ')}`)
    .option('--target <url>', 'what to load; without it a target of our own is started in a process beside')
    .option('--vus <number>', 'peak of virtual users, for closed models', positive)
    .option('--rate <number>', 'peak of iterations per time unit, for open models', positive)
    .option('--duration <duration>', 'scale the run to this length, e.g. 30s or 2m')
    .option('--profile <name>', 'reshape the load: smoke, load, stress, spike, soak or breakpoint')
    .option('--warmup <duration>', 'driven before the run and left out of its numbers (default 3s; 0 for none)')
    .option('--seed <number>', 'repeat payloads, arrivals and think times of an earlier run', seed)
    .option('--out <folder>', 'where report.html and result.json go (default loadcell-results/<scenario>-<time>)')
    .option('--tag <key=value>', 'noted in the result; may be repeated', keyValue, {})
    .option('--quiet', 'no progress; the summary only')
    .addHelpText(
      'after',
      `
Examples:
  loadcell run mixed-streaming                              the main job, against the embedded target
  loadcell run order-producer --rate 500 --duration 1m      an open model: 500 arrivals a second
  loadcell run my-scenario.ts --target http://127.0.0.1:8080 --profile smoke

Ctrl-C stops gracefully and still writes the report; a second one stops at once.
LOADCELL_CONTROL_TOKEN: bearer token for the ledger of a target that has control.token set.
${exitCodesHelp}`,
    )
    .action(async (scenario: string, flags: RunFlags) => {
      process.exitCode = await runScenario(scenario, flags, version)
    })
}

async function runScenario(fileOrName: string, flags: RunFlags, version: string): Promise<number> {
  const file = await loadScenario(fileOrName)
  const plan = planOf(file.definition, file.name, flags)
  const outFolder = makeOutFolder(flags.out ?? join('loadcell-results', `${file.name}-${timestamp()}`))
  const interrupts = watchInterrupts()
  const embedded = flags.target === undefined ? await startEmbeddedTarget() : undefined
  try {
    const targetUrl = embedded?.url ?? (flags.target as string)
    const result = await drive(plan, { targetUrl, embedded, version, quiet: flags.quiet ?? false, interrupts })
    writeFileSync(join(outFolder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
    writeFileSync(join(outFolder, 'report.html'), renderReport(result))
    const lines = summaryLines(result, { reportPath: relative('', join(outFolder, 'report.html')) })
    process.stdout.write(`${lines.join('\n')}\n`)
    return result.exitCode
  } finally {
    interrupts.unwatch()
    await embedded?.stop()
  }
}

interface Surroundings {
  targetUrl: string
  embedded: EmbeddedTarget | undefined
  version: string
  quiet: boolean
  interrupts: Interrupts
}

/** Runs the plan and completes its result with what the ledger says. */
async function drive(plan: Plan, { targetUrl, embedded, version, quiet, interrupts }: Surroundings): Promise<RunResult> {
  const ledger = { targetUrl, controlToken: process.env['LOADCELL_CONTROL_TOKEN'], clock: systemClock }
  const boot = await bootOf(ledger)
  const progress = createProgress(process.stdout, { quiet })
  const result = await run(plan, {
    clock: systemClock,
    signal: interrupts.graceful,
    kill: interrupts.atOnce,
    onProgress: now => progress.update(now),
    targetUrl,
    embedded: embedded !== undefined,
    version,
  })
  progress.done()
  const lost = embedded?.lost()
  if (lost !== undefined) result.outcome = { state: 'target_lost', detail: lost }
  result.reconciliation = await reconciliationOf(result, ledger, boot)
  result.exitCode = exitCodeOf(result)
  return result
}

/** Which start of the target this is, if it is one of ours: a restart in mid-run forgets the ledger. */
async function bootOf(ledger: LedgerClientOptions): Promise<string | undefined> {
  return readLedger(ledger, 'default').then(
    report => report.boot,
    () => undefined,
  )
}

async function reconciliationOf(result: RunResult, ledger: LedgerClientOptions, boot: string | undefined): Promise<Reconciliation> {
  if (result.outcome.state === 'target_unreachable') return notReconciled('the target was never reached')
  try {
    const report = await readSettledLedger(ledger, result.run.id)
    if (boot !== undefined && report.boot !== boot) {
      return notReconciled('the target was restarted in mid-run, and its ledger has forgotten what came before')
    }
    return reconcile(result, report)
  } catch (error) {
    if (error instanceof LedgerUnavailable) return notReconciled(error.message)
    throw error
  }
}

function planOf(definition: unknown, name: string, flags: RunFlags): Plan {
  try {
    const { vus, rate, duration, profile, warmup } = flags
    return createPlan(definition, name, { vus, rate, duration, profile, warmup, seed: flags.seed ?? freshSeed(), tags: flags.tag })
  } catch (error) {
    if (error instanceof ScenarioError) throw new InputError(error.message, 'docs/writing-scenarios.md shows every field.')
    throw error
  }
}

interface Interrupts {
  graceful: AbortSignal
  atOnce: AbortSignal
  unwatch(): void
}

function watchInterrupts(): Interrupts {
  const graceful = new AbortController()
  const atOnce = new AbortController()
  const interrupt = () => {
    if (atOnce.signal.aborted) process.exit(exitCodes.interrupted)
    if (graceful.signal.aborted) {
      process.stderr.write('\nStopping now. A third interrupt leaves without a report.\n')
      atOnce.abort()
    } else {
      process.stderr.write('\nStopping gracefully; the report will be written. Interrupt again to stop now.\n')
      graceful.abort()
    }
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return {
    graceful: graceful.signal,
    atOnce: atOnce.signal,
    unwatch() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    },
  }
}

/** Before any load is sent: a run whose report cannot be written is a run wasted. */
function makeOutFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    return folder
  } catch (error) {
    throw new InputError(`the folder ${folder} cannot be made: ${(error as Error).message}`, 'Give another with --out.')
  }
}

function timestamp(): string {
  return new Date(systemClock.wallTime()).toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`expected a number above 0, got ${JSON.stringify(text)}`)
}

function seed(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value
  throw new InvalidArgumentError(`expected an integer 0…4294967295, got ${JSON.stringify(text)}`)
}
