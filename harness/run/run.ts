import type { ExposedRun } from '../report/exposition/exposed-run.ts'
import type { IncompleteResult } from '../results/complete.ts'
import { pointOf, type TimelinePoint } from '../results/timeline.ts'
import type { Second } from '../metrics/measurements.ts'
import { type Share, type Sink, wholeRun } from '../metrics/interval.ts'
import { areOpen } from '../load/run-load.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import type { Clock } from '../../core/clock.ts'
import { createClient as createHarnessClient } from '../client/client.ts'
import { concealUrl } from '../client/address/url-credentials.ts'
import { ControlPlane } from '../control/control-plane.ts'
import { Ending } from './ending.ts'
import { executeAll } from '../load/execute-all.ts'
import type { MetricSource } from '../server/metric-source.ts'
import { ServerObserver } from '../server/server-observer.ts'
import { sourcesOf } from '../server/sources-of.ts'
import { precisePacer } from '../load/pacer.ts'
import { monitorGenerator } from '../metrics/generator-monitor.ts'
import { type Progress, progressOf } from '../results/progress.ts'
import type { Plan } from '../plan/plan.ts'
import { describe, environment, newRunId } from './description.ts'
import { disturb, validateDisturbances } from './disturbances.ts'
import { probeHosts, probeTarget, unreachableOutcome } from './probe.ts'
import { plannedOutcome } from '../results/planned-outcome.ts'
import { Preparation } from './preparation.ts'
import { runConcealer } from './run-concealer.ts'
import { RunFaults } from './run-faults.ts'
import { resultOf } from '../results/result-of.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'
import type { ProcessGuard } from './process-guard.ts'
import { Uncaught } from './uncaught.ts'
import { demandsAbort, judge, selectorOf } from '../thresholds/judge.ts'
import { timesOfLoads } from '../results/load-times.ts'
import { warmupPlan } from './warmup.ts'
import { Liveness } from './liveness.ts'

export interface RunOptions {
  clock: Clock
  /** `signal` ends the run gracefully, `kill` at once. There is a result either way. */
  signal: AbortSignal
  kill: AbortSignal
  /** Guard of a process that runs only this scenario; without it the scenario is trusted not to end the process. */
  guard?: Pick<ProcessGuard, 'exited' | 'uncaught'>
  /** Called about once a second. */
  onProgress?(progress: Progress): void
  /** Called when the setup or the teardown of the scenario begins. */
  onStage?(name: 'setup' | 'teardown'): void
  /** Called at the start of the run and about once a second, with its metrics so far. They go on growing afterwards. */
  onMetrics?(run: ExposedRun): void
  targetUrl: string
  /** URL of the target's control plane, if it has its own port. */
  controlUrl?: string | undefined
  /** Bearer token of the target's control plane, where one is set. */
  controlToken?: string | undefined
  /** Whether the target is one of Loadcell's, so that requests tell it their run and key. Default true. */
  isLoadcell?: boolean
  /** Source of the target’s own metrics; a text says why there is none. */
  targetMetrics?: MetricSource | string
  /** The target was started for this run. */
  embedded: boolean
  /** Version of the harness, for the result. */
  version: string
  createClient?: RigOptions['createClient']
  /** The part of the plan that this process runs as one of several workers; default: all of it. */
  share?: Share
  /** Place of this process, such as the region of its machine. */
  place?: string | undefined
  /** Id that all workers of a run send; default: a new one. */
  runId?: string
  /** Receives the measurements, about once a second. */
  sink?: Sink
}

/** Suffix of the run id and the consumer groups of a warm-up. */
const WARMUP_SUFFIX = '~warmup'

/**
 * Runs a plan against a target: probe, warm-up, run, graceful stop, result. A misbehaving target or scenario never makes it
 * throw.
 */
export async function run(plan: Plan, options: RunOptions): Promise<IncompleteResult> {
  const { clock, signal, kill, targetUrl, createClient = createHarnessClient, share = wholeRun } = options
  const { runId = newRunId(plan.name) } = options
  const pacer = precisePacer(clock)
  const monitor = monitorGenerator(clock, pacer)
  const { guard } = options
  const ending = new Ending(signal, kill, ...(guard === undefined ? [] : [guard.exited]))
  const uncaught = guard?.uncaught ?? new Uncaught()
  const rigOptions: RigOptions = {
    clock,
    pacer,
    monitor,
    targetUrl,
    identify: plan.http.identify ?? options.isLoadcell ?? true,
    version: options.version,
    createClient,
    conceal: runConcealer(plan, options),
    stopping: ending.stopping,
    killed: kill,
    share,
    place: options.place,
    shared: setup => preparation.shared(setup),
  }
  const preparation = new Preparation(plan, runId, { ...rigOptions, onStage: name => options.onStage?.(name) })
  const control = new ControlPlane({ ...options, network: plan.network, hurry: kill })
  // Only the first worker acts on the target.
  const isFirst = share.index === 0
  const faults = new RunFaults(isFirst ? plan.faults : undefined, control, clock)
  const disturbances = isFirst ? plan.disturbances : []
  const { targetMetrics = 'nobody asked for them' } = options
  const isKnown = typeof targetMetrics !== 'string'
  let observer: ServerObserver | undefined
  try {
    const warmup = warmupPlan(plan)
    const warmupRig = createRig(warmup, `${runId}${WARMUP_SUFFIX}`, { ...rigOptions, groupSuffix: WARMUP_SUFFIX })
    const unreachable = (await probeTarget(warmupRig)) ?? (await probeHosts(warmupRig, plan.hosts))
    if (unreachable !== undefined) {
      ending.end(unreachableOutcome(unreachable.place ?? concealUrl(targetUrl), unreachable))
    } else {
      const impossible = (await validateDisturbances(disturbances, control)) ?? (await faults.validateFaults())
      if (impossible !== undefined) ending.end({ state: 'scenario_failed', detail: impossible })
    }
    const unprepared = isFirst ? await preparation.setUp() : undefined
    if (unprepared !== undefined) ending.end(unprepared)
    if (plan.warmupMs > 0 && !ending.stopping.aborted) {
      const tell = (second: number) =>
        options.onProgress?.(progressOf('warmup', warmup, warmupRig, pointIn(warmupRig, plan, second), []))
      await drive(warmupRig, { onSecond: tell })
    }
    await warmupRig.client.close(ending.stopping)

    if (!ending.stopping.aborted) await faults.set(ending)
    const rig = createRig(plan, runId, { ...rigOptions, sink: options.sink }, faults.phases())
    if (unreachable !== undefined) rig.recorder.fail(unreachable)
    const startedAt = clock.wallTime()
    const expose = (durationMs: number, thresholds: ThresholdVerdict[]) =>
      options.onMetrics?.({
        run: describe(plan, options, { id: runId, startedAt, durationMs }),
        thresholds,
        customMetrics: [...plan.vocabulary.custom.values()],
        series: rig.measurements.snapshot.list(),
      })
    expose(0, [])
    const liveness = new Liveness(rig)
    const isDriven = !ending.stopping.aborted
    if (isDriven) {
      const disturbing = (over: AbortSignal) => disturb(disturbances, { rig, control, ending, over })
      const watch = watchOver(plan, rig, { liveness, ending, expose }, options)
      const sources = isFirst
        ? [...(isKnown ? [targetMetrics] : []), ...sourcesOf(plan.observed, clock, plan.network)]
        : []
      observer = new ServerObserver(sources, { clock, startedAt: rig.startedAt })
      observer.look(-1)
      await drive(rig, {
        onSecond: second => {
          observer?.look(second)
          watch(second)
        },
        uncaught,
        meanwhile: disturbing,
      })
    }
    const durationMs = clock.now() - rig.startedAt
    const endedAt = rig.startedAt + durationMs
    if (isDriven) rig.intervals.end(endedAt)
    const observed = await observer?.end(rig.measurements.seconds.at(-1)?.second, kill)
    const bands = await faults.remove(rig, durationMs)
    const lost = options.embedded || ending.stopping.aborted ? undefined : liveness.silentAtEnd()
    if (lost !== undefined) {
      // Perhaps only the last answers are slow. A separate probe, as at the beginning, asks whether the target still
      // answers.
      const probeRig = createRig(warmup, `${runId}${WARMUP_SUFFIX}`, { ...rigOptions, groupSuffix: WARMUP_SUFFIX })
      if ((await probeTarget(probeRig)) !== undefined) ending.end(lost)
      await probeRig.client.close(ending.stopping)
    }
    await rig.client.close(kill)
    // Not earlier, because both ends must have counted the requests that were in progress.
    const { intervals, measurements } = rig
    const slowest = rig.recorder.slowest.list()
    const observations = { ...rig.client.observations(), marks: rig.marks, slowest }
    if (isDriven) intervals.end(endedAt, observations)
    else intervals.settle(observations)
    const verdicts = judgeAll(plan, rig, durationMs)
    const result = resultOf({
      plan,
      measurements,
      description: describe(plan, options, { id: runId, startedAt, durationMs }),
      outcome: ending.outcome ?? plannedOutcome(measurements.snapshot, verdicts),
      thresholds: verdicts,
      bands,
      phases: faults.phases(rig.startedAt),
      environment: environment(),
      share,
      servers: observed && { ...observed, targetUnknown: isKnown ? undefined : targetMetrics },
    })
    // After the outcome is known, which nothing in the teardown may change.
    await preparation.tearDown()
    return { ...result, ...preparation.reports() }
  } finally {
    // Even without a result: a defect of the harness must not leave faults at the target.
    await faults.clear()
    await preparation.tearDown()
    await observer?.close()
    monitor.close()
    ending.close()
    if (guard === undefined) uncaught.close()
  }
}

interface DriveOptions {
  onSecond: (second: number) => void
  /** Absent for a warm-up, whose recorder is discarded: the exceptions would be lost. */
  uncaught?: Uncaught
  meanwhile?: (over: AbortSignal) => Promise<void>
}

/** Runs all loads to their ends. Calls `onSecond` every second, and `meanwhile` with a signal that aborts at the end. */
async function drive(rig: Rig, { onSecond, uncaught, meanwhile }: DriveOptions): Promise<void> {
  const over = new AbortController()
  uncaught?.countIn(rig.recorder)
  const seconds = everySecond(rig, over.signal, () => onSecond(rig.intervals.close()))
  const aside = meanwhile?.(over.signal)
  try {
    await executeAll(rig.loads, rig.startedAt)
  } finally {
    over.abort()
    await Promise.all([seconds, aside])
    uncaught?.countIn(undefined)
  }
}

async function everySecond(
  { execution: { clock }, startedAt }: Rig,
  over: AbortSignal,
  tick: () => void,
): Promise<void> {
  while (!over.aborted) {
    // Rounded, because a timer may fire a fraction of a millisecond early.
    const second = Math.round((clock.now() - startedAt) / 1000) + 1
    await clock.sleep(startedAt + second * 1000 - clock.now(), over)
    if (!over.aborted) tick()
  }
}

interface Watch {
  liveness: Liveness
  ending: Ending
  expose: (elapsedMs: number, verdicts: ThresholdVerdict[]) => void
}

/** Returns the work of each second of a run: thresholds that may end it, liveness, progress, metrics. */
function watchOver(
  plan: Plan,
  rig: Rig,
  { liveness, ending, expose }: Watch,
  options: RunOptions,
): (second: number) => void {
  return second => {
    const point = pointIn(rig, plan, second)
    const verdicts = judgeAll(plan, rig, point.atMs)
    const failed = plan.thresholds.findIndex((threshold, index) =>
      demandsAbort(threshold, verdicts[index] as ThresholdVerdict, point.atMs),
    )
    if (failed !== -1) {
      const { metric, expression } = verdicts[failed] as ThresholdVerdict
      ending.end({
        state: 'aborted_by_threshold',
        detail: `The threshold ${metric} ${expression} failed and ended the run.`,
      })
    }
    void rig.client.groupLag.look(second)
    const hopeless = liveness.look()
    if (hopeless !== undefined) ending.end(hopeless)
    const phase = ending.stopping.aborted || point.atMs > plan.plannedMs ? 'stopping' : 'running'
    options.onProgress?.(progressOf(phase, plan, rig, point, verdicts))
    expose(point.atMs, verdicts)
  }
}

function pointIn({ measurements }: Rig, { loads }: Plan, second: number): TimelinePoint {
  return pointOf(measurements.second(second) as Second, areOpen(loads))
}

function judgeAll(plan: Plan, { measurements, phases, startedAt }: Rig, elapsedMs: number): ThresholdVerdict[] {
  const { snapshot, seconds } = measurements
  const times = timesOfLoads(plan.loads, seconds, elapsedMs)
  return plan.thresholds.map(threshold => {
    const { phase, load = '' } = selectorOf(threshold, snapshot)
    const { fromMs, toMs } = times.get(load) ?? { fromMs: 0, toMs: elapsedMs }
    const countedMs =
      phase === undefined ? toMs - fromMs : (phases?.lastedMs(phase, startedAt + fromMs, startedAt + toMs) ?? 0)
    return judge(threshold, snapshot, countedMs)
  })
}
