import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { deliveriesOf } from '../calibration/deliveries.ts'
import { faultOutcomesOf } from '../calibration/fault-outcomes.ts'
import {
  type LedgerClientOptions,
  LedgerUnavailable,
  readBoot,
  readSettledLedger,
} from '../calibration/ledger-client.ts'
import { notReconciled, reconcile } from '../calibration/reconcile.ts'
import type { Reconciliation, RunResult } from '../contract/run-result.ts'
import { systemClock } from '../core/clock.ts'
import { MalformedHistogram } from '../core/histogram.ts'
import { freshSeed } from '../core/random.ts'
import { createPlan, type Plan, ScenarioError } from '../harness/plan/plan.ts'
import { renderReport } from '../harness/report/html.ts'
import { createProgress } from '../harness/report/progress.ts'
import { summaryLines } from '../harness/report/summary.ts'
import { run } from '../harness/run/run.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from './embedded-target.ts'
import { exitCodeOf } from './exit-codes.ts'
import { readPlan } from './faults-plan.ts'
import { InputError } from './input-error.ts'
import { type Interrupts, watchInterrupts } from './interrupts.ts'
import { loadScenario, type ScenarioFile } from './scenario-file.ts'

/** What can be said on the command line. */
export interface RunFlags {
  target?: string
  controlUrl?: string
  vus?: number
  rate?: number
  duration?: string
  profile?: string
  warmup?: string
  seed?: number
  out?: string
  tag: Record<string, string>
  targetSet: Record<string, string>
  faults: string[]
  quiet?: true
}

/** Runs a scenario from its file to its report. @returns the exit code. @throws InputError */
export async function runScenario(fileOrName: string, flags: RunFlags, version: string): Promise<number> {
  const file = await loadScenario(fileOrName)
  const plan = planOf(file, fileOrName, flags)
  if (flags.target !== undefined) leaveConfigured(plan, flags)
  else if (flags.controlUrl !== undefined) {
    throw new InputError('--control-url is of a target that runs already', 'Name that with --target as well.')
  }
  const outFolder = makeOutFolder(flags.out ?? join('loadcell-results', `${file.name}-${timestamp()}`))
  const interrupts = watchInterrupts()
  const embedded = flags.target === undefined ? await startEmbeddedTarget(plan.targetSettings) : undefined
  try {
    const targetUrl = embedded === undefined ? flags.target! : embedded.url
    const controlUrl = embedded === undefined ? flags.controlUrl : embedded.controlUrl
    const result = await drive(plan, {
      targetUrl,
      controlUrl,
      embedded,
      version,
      quiet: flags.quiet ?? false,
      interrupts,
    })
    writeFileSync(join(outFolder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
    writeFileSync(join(outFolder, 'report.html'), renderReport(result))
    const lines = summaryLines(result, { reportPath: shortest(join(outFolder, 'report.html')) })
    process.stdout.write(`${lines.join('\n')}\n`)
    return result.exitCode
  } finally {
    interrupts.unwatch()
    await embedded?.stop()
  }
}

/** A target that runs already is not ours to configure. @throws InputError when the command line tries to. */
function leaveConfigured({ targetSettings }: Plan, { target, targetSet }: RunFlags): void {
  if (Object.keys(targetSet).length > 0) {
    throw new InputError(
      '--target-set is for the embedded target, and --target names another',
      'Give its settings to that target when you start it: loadcell target --set key=value.',
    )
  }
  const settings = Object.entries(targetSettings).map(([key, value]) => `${key}=${value}`)
  if (settings.length === 0) return
  process.stderr.write(
    `Note: this scenario is meant for a target with ${settings.join(', ')}; ${target} keeps its own settings.\n`,
  )
}

interface Surroundings {
  targetUrl: string
  controlUrl: string | undefined
  embedded: EmbeddedTarget | undefined
  version: string
  quiet: boolean
  interrupts: Interrupts
}

/** Runs the plan and completes its result with what the ledger says. */
async function drive(
  plan: Plan,
  { targetUrl, controlUrl, embedded, version, quiet, interrupts }: Surroundings,
): Promise<RunResult> {
  const control = { targetUrl, controlUrl, controlToken: process.env['LOADCELL_CONTROL_TOKEN'] }
  const ledger = { ...control, clock: systemClock }
  const boot = await bootOf(ledger)
  const progress = createProgress(process.stdout, { quiet })
  const result = await run(plan, {
    clock: systemClock,
    signal: interrupts.graceful,
    kill: interrupts.atOnce,
    onProgress: now => progress.update(now),
    ...control,
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
  return readBoot(ledger).catch(() => undefined)
}

async function reconciliationOf(
  result: RunResult,
  ledger: LedgerClientOptions,
  boot: string | undefined,
): Promise<Reconciliation> {
  if (result.outcome.state === 'target_unreachable') return notReconciled('the target was never reached')
  try {
    const report = await readSettledLedger(ledger, result.run.id)
    if (boot !== undefined && report.boot !== boot) {
      return notReconciled('the target was restarted in mid-run, and its ledger has forgotten what came before')
    }
    result.deliveries = deliveriesOf(report)
    result.faults = faultOutcomesOf(report)
    return reconcile(result, report)
  } catch (error) {
    if (error instanceof LedgerUnavailable) return notReconciled(error.message)
    if (error instanceof MalformedHistogram) return notReconciled(`its ledger cannot be read: ${error.message}`)
    throw error
  }
}

function planOf({ definition, name }: ScenarioFile, source: string, flags: RunFlags): Plan {
  try {
    const { vus, rate, duration, profile, warmup } = flags
    return createPlan(definition, name, {
      vus,
      rate,
      duration,
      profile,
      warmup,
      source,
      seed: flags.seed ?? freshSeed(),
      tags: flags.tag,
      targetSettings: flags.targetSet,
      ...(flags.faults.length > 0 && { faults: { sources: flags.faults, faults: readPlan(flags.faults) } }),
    })
  } catch (error) {
    if (error instanceof ScenarioError)
      throw new InputError(error.message, 'docs/writing-scenarios.md shows every field.')
    throw error
  }
}

/** Before any load is sent: a run whose report cannot be written is a run wasted. */
function makeOutFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return folder
  } catch (error) {
    throw new InputError(
      `the folder ${folder} cannot be written to: ${(error as Error).message}`,
      'Give another with --out.',
    )
  }
}

/** From here when it lies below, else from the root. */
function shortest(path: string): string {
  const fromHere = relative('', path)
  return fromHere.startsWith('..') ? resolve(path) : fromHere
}

function timestamp(): string {
  return new Date(systemClock.wallTime()).toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')
}
