import { readBoot } from '../../calibration/ledger-client.ts'
import type { RunResult } from '../../harness/results/run-result.ts'
import { loadChecker } from '../../core/check.ts'
import { systemClock } from '../../core/clock.ts'
import { ControlPlane, type ControlPlaneOptions } from '../../harness/control/control-plane.ts'
import type { Plan } from '../../harness/plan/plan.ts'
import { isRefusal } from '../../harness/control/recognise.ts'
import type { ProgressView } from '../../harness/report/progress.ts'
import { complete, withTargetEnd, withTargetRecords } from '../../harness/results/complete.ts'
import { tellingLongWait } from '../../harness/run/long-wait.ts'
import { run } from '../../harness/run/run.ts'
import { TargetSource } from '../../harness/server/target-source.ts'
import type { EmbeddedTarget } from '../target/embedded-target.ts'
import type { Baseline } from './result/baseline.ts'
import { isAlone } from './result/run-output.ts'
import { LiveControl } from './live/live-control.ts'
import type { LiveExports } from './live/live-exports.ts'
import type { RunPage } from './live/run-page.ts'
import type { ClusterCrew } from './cluster/cluster-crew.ts'
import type { CommandContext } from '../loading/command-context.ts'
import type { RunFlags } from './plan/run-flags.ts'
import type { SpareFiles } from './spare-files.ts'
import { jobOf } from './workers/worker-job.ts'

/** A run whose target, exports and page stand. */
export interface DrivenRun extends CommandContext {
  fileOrName: string
  runId: string
  workers: number
  /** Are released when the load is over. */
  spareFiles: SpareFiles
  /** Workers of a cluster; absent where they are processes of this machine. */
  crew: ClusterCrew | undefined
  /** Prints a note beside the progress. */
  tell: (note: string) => void
  flags: RunFlags
  embedded: EmbeddedTarget | undefined
  baseline: Baseline | undefined
  progress: ProgressView
  exports: LiveExports
  page: RunPage
}

/** Runs the plan and completes its result with the target's ledger. A ledger that cannot be read does not end the run: the result says why. */
export async function drive(plan: Plan, driven: DrivenRun): Promise<RunResult> {
  const { flags, embedded, baseline, progress, exports, page, version, guard, fileOrName, tell } = driven
  const targetUrl = embedded?.url ?? flags.target!
  const { runId } = driven
  const live = new LiveControl({ id: runId, scenario: plan.name, targetUrl })
  const stops = live.stops(driven.stops)
  const control = {
    targetUrl,
    controlUrl: embedded === undefined ? flags.controlUrl : embedded.controlUrl,
    controlToken: process.env['LOADCELL_CONTROL_TOKEN'],
    network: plan.network,
    hurry: stops.atOnce,
  }
  const ledger = { ...control, clock: systemClock }
  const telling = <T>(work: Promise<T>, what: string) => tellingLongWait(work, systemClock, () => progress.stage(what))
  // The boot id reveals a restart during the run, which a ledger does not survive. Other servers have none.
  let noLedger = 'it is not one of Loadcell’s (try --observe)'
  let refused = false
  let answered = true
  const asking = readBoot({ ...ledger, hurry: stops.graceful }).catch((error: Error) => {
    noLedger = error.message
    refused = isRefusal(error.cause)
    answered = false
    return undefined
  })
  const boot = await telling(asking, 'asking the target whether it is one of Loadcell’s')
  const isLoadcell = embedded !== undefined || boot !== undefined || refused
  const isOther = answered && !isLoadcell
  const targetMetrics = boot === undefined ? noLedger : await targetSourceOf(control)
  const crew =
    driven.crew ??
    (driven.workers > 1
      ? await startWorkers(driven.workers, isAlone(flags.summary ?? 'full') ? 'stderr' : 'stdout')
      : undefined)
  const job = jobOf(fileOrName, flags, plan)
  await live.open(process.env, tell)
  page.control(live.controls)
  page.compareWith(boot === undefined ? noLedger : ledger, runId)
  const running = run(plan, {
    runId,
    controls: live.controls,
    clock: systemClock,
    signal: stops.graceful,
    kill: stops.atOnce,
    guard,
    onProgress: now => {
      // Checks the commands of live control. Loaded later, it would hold up requests that are measured.
      if (now.phase === 'warmup') loadChecker()
      progress.update(now)
      page.update(now)
    },
    onSecond: page.onSecond,
    onStage: name => {
      progress.stage(name)
      page.enter(name)
    },
    onLongWait: what => progress.stage(what),
    onMetrics: now => exports.update(now),
    ...control,
    targetMetrics,
    embedded: embedded !== undefined,
    isLoadcell,
    version,
    place: flags.place,
    ...(crew && {
      workers: {
        recruits: crew.recruits,
        job: driven.crew?.shipped(job) ?? job,
        areElsewhere: driven.crew !== undefined,
      },
    }),
    ...(flags.onWorkerLoss && { onWorkerLoss: flags.onWorkerLoss }),
    onWorkerLost: tell,
  })
  await Promise.allSettled([running])
  driven.spareFiles.release()
  live.close()
  page.enter('reporting')
  await crew?.stop()
  const measured = await running
  progress.done()
  const ended = withTargetEnd(measured, { lost: embedded?.lost(), outOfFiles: embedded?.outOfFiles() })
  const result = baseline?.judge(ended) ?? ended
  const identified = plan.http.identify ?? isLoadcell
  // What reads the ledger is loaded after the run, and does not make its start slower.
  const { readLedgerAnswers } = await import('./result/run-ledger.ts')
  const reading = readLedgerAnswers(result, ledger, { boot, isOther, identified })
  const { findings, records } = await telling(reading, 'reading the ledger of the target')
  return complete(withTargetRecords(result, records), findings)
}

async function startWorkers(count: number, output: 'stdout' | 'stderr') {
  return (await import('./workers/child-workers.ts')).startChildWorkers(count, output)
}

/** A sample that takes longer is a gap. */
const SAMPLED_WITHIN_MS = 2000

/** Returns the source of the target’s own metrics, or why it has none. */
function targetSourceOf(control: ControlPlaneOptions): Promise<TargetSource | string> {
  return TargetSource.of(new ControlPlane({ ...control, answerWithinMs: SAMPLED_WITHIN_MS, attempts: 1 }))
}
