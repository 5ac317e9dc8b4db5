import { join } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { Plan } from '../../harness/plan/plan.ts'
import { createProgress } from '../../harness/report/progress.ts'
import { LateFiles } from '../../harness/report/late-files.ts'
import { plain } from '../../harness/report/terminal.ts'
import { concealUrl } from '../../harness/client/address/url-credentials.ts'
import { ProcessGuard } from '../../harness/run/process-guard.ts'
import { newRunId } from '../../harness/run/description.ts'
import { checkEndpoints } from '../../harness/server/check-endpoints.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from '../target/embedded-target.ts'
import { drive } from './driven-run.ts'
import { planFor } from '../target/embedded-trust.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError, listedError } from '../process/input-error.ts'
import { tellError } from '../process/tell-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { stopsOf } from '../process/stops.ts'
import { ReportFolder, shortest, timestamp } from '../output/report-folder.ts'
import { LiveExports } from './live/live-exports.ts'
import { expectPageFlags, RunPage } from './live/run-page.ts'
import { clearStdout, isAlone, tellResult, writeOut } from './result/run-output.ts'
import { tellDoubt } from '../options/network.ts'
import type { ClusterCrew } from './cluster/cluster-crew.ts'
import { expectCluster } from '../options/cluster-options.ts'
import { type CommandContext, loadGuarded } from '../loading/command-context.ts'
import type { RunFlags } from './plan/run-flags.ts'
import { checkPlaces, checkTarget, planOf } from './plan/run-plan.ts'
import { SpareFiles } from './spare-files.ts'
import { absolute } from '../process/working-directory.ts'
import { tellStrays } from '../process/strays.ts'
import { chosenWorkers } from './plan/worker-count.ts'

/**
 * Runs a scenario from its file to its report, and then ends the process, even if the scenario left timers or sockets
 * behind.
 */
export async function runScenario(
  fileOrName: string,
  flags: RunFlags,
  version: string,
  interrupts: Interrupts,
): Promise<never> {
  const guard = new ProcessGuard(exitCodes.badInput)
  const stops = stopsOf(interrupts, () => guard.leave(exitCodes.interrupted))
  const complete = flags.once ? completeOnce : completeRun
  const code = await complete(fileOrName, flags, { version, guard, stops, interrupts }).catch(tellError)
  tellStrays(guard)
  await everythingWritten()
  return guard.leave(code)
}

// These are loaded only for a run that needs them, because each makes every start slower.

async function completeOnce(fileOrName: string, flags: RunFlags, context: RunContext): Promise<number> {
  return (await import('./once.ts')).completeOnce(fileOrName, flags, context)
}

async function beginShipment(flags: RunFlags & { cluster: string }) {
  return (await import('./cluster/shipment.ts')).Shipment.begin(flags)
}

async function readBaseline(flags: RunFlags, { vocabulary }: Plan) {
  if (flags.baseline.length === 0 && flags.maxRegression.length === 0) return undefined
  return (await import('./result/baseline.ts')).Baseline.read(flags, vocabulary)
}

async function githubStep() {
  return (await import('./result/github-step.ts')).GithubStep.fromEnvironment(process.env)
}

interface RunContext extends CommandContext {
  interrupts: Interrupts
}

/** @returns the exit code. @throws InputError */
async function completeRun(fileOrName: string, flags: RunFlags, context: RunContext): Promise<number> {
  const { stops } = context
  if (flags.show.length > 0)
    throw new InputError('--show is for --once, which shows requests and responses', 'Add --once, or leave it out.')
  expectPageFlags(flags)
  expectCluster(flags)
  const hasStdout = !isAlone(flags.summary ?? 'full')
  if (!hasStdout) clearStdout()
  const shipment = flags.cluster === undefined ? undefined : await beginShipment({ ...flags, cluster: flags.cluster })
  // Before the scenario, which may open files without end.
  const spareFiles = new SpareFiles()
  const file = await loadGuarded(fileOrName, flags.var, context)
  const plan = planOf(file, fileOrName, flags)
  plan.doubts.forEach(tellDoubt)
  checkTarget(plan, flags)
  // Workers of a cluster have places of their own.
  if (flags.cluster === undefined) checkPlaces(plan, flags)
  const workers = chosenWorkers(plan, flags.workers ?? 'auto')
  shipment?.pack(file.path)
  const baseline = await readBaseline(flags, plan)
  if (!flags.force) {
    baseline?.expect(plan, {
      targetUrl: flags.target ?? '',
      embedded: flags.target === undefined,
      version: context.version,
      ...(flags.place !== undefined && { places: [flags.place] }),
    })
  }
  await expectEndpoints(plan, stops.graceful)
  const wanted = flags.out ?? join('loadcell-results', `${file.name}-${timestamp()}`)
  const step = flags.report.includes('github') ? await githubStep() : undefined
  const progress = createProgress(process.stdout, { quiet: flags.quiet === true || !hasStdout })
  const tell = (note: string) => progress.aside(() => process.stderr.write(`Note: ${plain(note)}\n`))
  const files = new LateFiles(flags.report)
  const folder = ReportFolder.claim(wanted, files.byName)
  let exports = LiveExports.none
  let page = RunPage.none
  let embedded: EmbeddedTarget | undefined
  let crew: ClusterCrew | undefined
  const runId = newRunId(plan.name)
  try {
    if (flags.out !== undefined && folder.path !== absolute(wanted)) {
      process.stderr.write(`Note: ${wanted} holds an earlier run; the report of this one goes to ${folder.path}\n`)
    }
    exports = await LiveExports.open(flags.export, { env: process.env, tell })
    stops.graceful.throwIfAborted()
    if (flags.target === undefined) {
      embedded = await startEmbeddedTarget(plan.targetSettings, { signal: stops.graceful })
    }
    const { version } = context
    const targetUrl = concealUrl(embedded?.url ?? flags.target!)
    const paged = { id: runId, plan, targetUrl, isEmbedded: embedded !== undefined, workers, version }
    page = await RunPage.open(flags, { ...paged, lost: () => embedded?.lost() }, tell)
    if (shipment !== undefined) page.enter('gathering')
    crew = await shipment?.gather({ runId, version, wanted: workers, signal: stops.graceful, tell })
    page.enter('preparing')
  } catch (error) {
    exports.close()
    page.close()
    folder.release()
    await embedded?.stop(stops.atOnce)
    stops.graceful.throwIfAborted()
    throw error
  }
  try {
    const result = await drive(planFor(plan, embedded), {
      ...context,
      fileOrName,
      flags,
      runId,
      workers,
      spareFiles,
      crew,
      embedded,
      baseline,
      progress,
      exports,
      page,
      tell: note => {
        tell(note)
        page.note(note)
      },
    })
    await files.load()
    const { reportPath, problem } = tellResult(result, flags.summary ?? 'full', () => {
      const { reportPath, ...written } = folder.write(result)
      page.finish(result, { reportPath })
      return {
        ...written,
        ...(reportPath !== undefined && { reportPath: shortest(reportPath) }),
        others: folder.others,
      }
    })
    step?.tell(result)
    if (problem !== undefined) tellProblem(problem, reportPath)
    if (result.stages?.teardown?.state === 'failed')
      process.stderr.write(`loadcell: ${plain(result.stages.teardown.detail)}\n`)
    // An interrupt after the run skips what it still waits for.
    await exports.finish(result, stops.graceful.aborted ? stops.atOnce : stops.graceful)
    // The page needs no target, and somebody may look at it for hours.
    await embedded?.stop(stops.atOnce)
    await page.hold(context.interrupts, stops.graceful)
    return result.exitCode
  } catch (error) {
    page.note(`The run ended without a result: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  } finally {
    exports.close()
    page.close()
    await embedded?.stop(stops.atOnce)
  }
}

/** Reads the observed endpoints once. @throws InputError when one has nothing to sample */
async function expectEndpoints({ observed, network }: Plan, signal: AbortSignal): Promise<void> {
  const findings = await checkEndpoints(observed, { clock: systemClock, signal, network })
  signal.throwIfAborted()
  const lines = findings.map(({ endpoint, state, detail }) => ({ state, line: `${endpoint.place}: ${plain(detail)}` }))
  const refused = lines.filter(({ state }) => state === 'refused')
  if (refused.length > 0) {
    throw listedError(
      'these metrics cannot be observed',
      refused.map(({ line }) => line),
      'docs/server-metrics.md shows what --observe takes.',
    )
  }
  for (const { line } of lines) process.stderr.write(`Note: ${line}\n`)
}

function tellProblem(problem: string, reportPath: string | undefined): void {
  const instead = reportPath === undefined ? 'What was printed above is all there is' : `It is in ${reportPath} instead`
  process.stderr.write(
    `loadcell: ${problem}\n  ${instead}; before the next run, free some space or give another folder with --out.\n`,
  )
}

const WRITTEN_WITHIN_MS = 1000

/** Waits until stdout is written, but only for a limited time, because its reader may have stopped. */
async function everythingWritten(): Promise<void> {
  const done = new AbortController()
  writeOut('', () => done.abort())
  await systemClock.sleep(WRITTEN_WITHIN_MS, done.signal)
}
