import type { Recruit } from '../coordination/member.ts'
import type { DrivenPhase } from '../coordination/messages.ts'
import type { ExposedRun } from '../report/exposition/exposed-run.ts'
import type { IncompleteResult } from '../results/complete.ts'
import { pointOf, type TimelinePoint } from '../results/timeline.ts'
import type { Sink } from '../metrics/interval.ts'
import type { Second } from '../metrics/measurements.ts'
import { areOpen } from '../load/run-load.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'
import type { Clock } from '../../core/clock.ts'
import { createClient as createHarnessClient } from '../client/client.ts'
import { concealUrl } from '../client/address/url-credentials.ts'
import { ControlPlane } from '../control/control-plane.ts'
import { Crew } from './crew.ts'
import { Ending } from './ending.ts'
import { Gathered } from './gathered.ts'
import type { MetricSource } from '../server/metric-source.ts'
import { ServerObserver } from '../server/server-observer.ts'
import { sourcesOf } from '../server/sources-of.ts'
import { type Progress, progressOf } from '../results/progress.ts'
import type { RunNow } from '../results/run-now.ts'
import type { Phases } from '../metrics/phases.ts'
import type { Plan } from '../plan/plan.ts'
import { describe, environment, newRunId } from './description.ts'
import { disturb, validateDisturbances } from './disturbances.ts'
import { probeServers, unreachableOutcome } from './probe.ts'
import { plannedOutcome } from '../results/planned-outcome.ts'
import { Preparation } from './preparation.ts'
import { runConcealer } from './run-concealer.ts'
import { RunFaults } from './run-faults.ts'
import { resultOf } from '../results/result-of.ts'
import type { RigOptions } from './rig.ts'
import type { ProcessGuard } from './process-guard.ts'
import { Uncaught } from './uncaught.ts'
import { unknownPlaces } from '../thresholds/unknown-places.ts'
import { demandsAbort } from '../thresholds/judge.ts'
import { judgeAll } from './judge-all.ts'
import { warmupPlan, WARMUP_SUFFIX } from './warmup.ts'
import { localWorker } from './local-worker.ts'
import { Liveness, silentTarget } from './liveness.ts'
import { putUnderControl } from './under-control.ts'
import type { ControlledRun } from '../live-control/controlled-run.ts'
import { scheduleEndMs } from '../load/steered-times.ts'

export interface RunOptions {
  clock: Clock
  /** `signal` ends the run gracefully, `kill` at once. There is a result either way. */
  signal: AbortSignal
  kill: AbortSignal
  /** Guard of a process that runs only this scenario; without it the scenario is trusted not to end the process. */
  guard?: Pick<ProcessGuard, 'exited' | 'uncaught'>
  /** Takes commands for the run while it goes on. Its signals that stop it are among `signal` and `kill`. */
  controls?: ControlledRun | undefined
  /** Called about once a second. */
  onProgress?(progress: Progress): void
  /** Called about once a second while the loads go on, with all that is known by then. */
  onSecond?: ((now: RunNow) => void) | undefined
  /** Called when the setup or the teardown of the scenario begins. */
  onStage?(name: 'setup' | 'teardown'): void
  /** Called when the run waits for something that takes longer than a moment. */
  onLongWait?(what: string): void
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
  /** Id that its requests carry; default: a new one. */
  runId?: string
  /** Version of the harness, for the result. */
  version: string
  createClient?: RigOptions['createClient']
  /** Place of the workers that name none, such as the region of this machine. */
  place?: string | undefined
  /** Receives the measurements of the run, about once a second. */
  sink?: Sink
  /** Workers in other places, and what they are told to run; default: one worker in this process. */
  workers?: { recruits: readonly Recruit[]; job: unknown; areElsewhere?: boolean }
  /** Whether the run goes on when a worker is lost. Default: it ends. */
  onWorkerLoss?: 'end' | 'continue'
  /** Called with a sentence when a worker is lost. */
  onWorkerLost?(sentence: string): void
}

/**
 * Runs a plan against a target: probe, warm-up, run, graceful stop, result. It coordinates workers, each of which drives a share of
 * the loads; everything that must happen once happens here. A misbehaving target or scenario never makes it throw.
 */
export async function run(plan: Plan, options: RunOptions): Promise<IncompleteResult> {
  const { clock, signal, kill, targetUrl, version, createClient = createHarnessClient, guard } = options
  const { runId = newRunId(plan.name) } = options
  const ending = new Ending(signal, kill, ...(guard === undefined ? [] : [guard.exited]))
  const uncaught = guard?.uncaught ?? new Uncaught()
  const identify = plan.http.identify ?? options.isLoadcell ?? true
  const conceal = runConcealer(plan, options)
  const once = { clock, plan, targetUrl, identify, version, createClient, conceal }
  const preparation = new Preparation(plan, runId, {
    ...once,
    stopping: ending.stopping,
    killed: kill,
    onStage: name => options.onStage?.(name),
  })
  const control = new ControlPlane({ ...options, network: plan.network, hurry: kill })
  const faults = new RunFaults(plan.faults, control, clock)
  const { targetMetrics = 'nobody asked for them' } = options
  const isKnown = typeof targetMetrics !== 'string'
  const local =
    options.workers === undefined ? localWorker(plan, { clock, version, createClient, uncaught }) : undefined
  const crew = new Crew(local?.recruits ?? options.workers!.recruits, {
    clock,
    ending,
    killed: kill,
    place: options.place,
    wantedPlaces: plan.thresholds.flatMap(({ readings }) => readings.flatMap(({ place }) => place ?? [])),
    onLoss: options.onWorkerLoss ?? 'end',
    tell: sentence => options.onWorkerLost?.(sentence),
  })
  const gather = (sink?: Sink) => new Gathered(clock, crew.nextStart(), conceal, sink)
  const phaseOf = (phase: DrivenPhase, timelineAtMs?: number) => ({
    phase,
    ...(timelineAtMs !== undefined && { timelineAtMs }),
    ...(preparation.result !== undefined && { shared: preparation.result }),
  })
  let observer: ServerObserver | undefined
  try {
    const probing = {
      ...once,
      runId: `${runId}${WARMUP_SUFFIX}`,
      stopping: ending.stopping,
      onLongWait: () => options.onLongWait?.('waiting for an answer of the target'),
    }
    const unreachable = await probeServers(probing, plan.hosts)
    if (unreachable !== undefined) {
      ending.end(unreachableOutcome(unreachable.place ?? concealUrl(targetUrl), unreachable))
    } else {
      const impossible = (await validateDisturbances(plan.disturbances, control)) ?? (await faults.validateFaults())
      if (impossible !== undefined) ending.end({ state: 'scenario_failed', detail: impossible })
    }
    if (!ending.stopping.aborted) {
      const { job, areElsewhere: mustProbe = false } = options.workers ?? {}
      await crew.prepare({ runId, job, targetUrl, identify, version, mustProbe })
    }
    if (!ending.stopping.aborted) expectPlaces(plan, crew, ending)
    const unprepared = await preparation.setUp()
    if (unprepared !== undefined) ending.end(unprepared)
    if (plan.warmupMs > 0 && !ending.stopping.aborted) {
      const warmup = warmupPlan(plan)
      const gathered = gather()
      await crew.drive(phaseOf('warmup'), gathered, second =>
        options.onProgress?.(
          progressOf('warmup', warmup, gathered, pointIn(gathered, plan, second), {
            thresholds: [],
            silent: crew.silent,
          }),
        ),
      )
    }

    if (!ending.stopping.aborted) await faults.set(ending)
    const gathered = gather(options.sink)
    const { measurements } = gathered
    const phases = faults.phases()
    if (unreachable !== undefined) gathered.fail(unreachable)
    const startedAt = clock.wallTime() + (gathered.startedAt - clock.now())
    const expose = (durationMs: number, thresholds: ThresholdVerdict[]) =>
      options.onMetrics?.({
        run: describe(plan, { ...options, places: crew.places }, { id: runId, startedAt, durationMs }),
        thresholds,
        customMetrics: [...plan.vocabulary.custom.values()],
        series: measurements.snapshot.list(),
      })
    expose(0, [])
    const liveness = new Liveness(gathered)
    if (!ending.stopping.aborted) {
      const sources = [...(isKnown ? [targetMetrics] : []), ...sourcesOf(plan.observed, clock, plan.network)]
      observer = new ServerObserver(sources, { clock, startedAt: gathered.startedAt })
      const watch = watchOver(plan, { gathered, phases, crew, liveness, ending, expose, faults, observer }, options)
      observer.look(-1)
      if (options.controls !== undefined) putUnderControl(options.controls, { plan, crew, gathered, ending })
      const over = new AbortController()
      const disturbing = disturb(plan.disturbances, { gathered, control, ending, over: over.signal })
      await crew.drive(phaseOf('run', faults.phasesBeganAt(gathered.startedAt)), gathered, second => {
        observer?.look(second)
        watch(second)
      })
      over.abort()
      await disturbing
    }
    options.controls?.end()
    const durationMs = gathered.lastedMs(crew.members.every(({ lost }) => lost === undefined))
    const observed = await observer?.end(measurements.seconds.at(-1)?.second, kill)
    const bands = await faults.remove(gathered, durationMs)
    const lost = options.embedded || ending.stopping.aborted ? undefined : liveness.silentAtEnd()
    // Perhaps only the last answers are slow. A separate probe, as at the beginning, asks whether the target still answers.
    if (lost !== undefined && (await probeServers(probing, [])) !== undefined) ending.end(lost)
    await crew.settle()
    gathered.end()
    const changes = options.controls?.changes ?? []
    const verdicts = judgeAll(plan, { gathered, phases, changes }, durationMs)
    const result = resultOf({
      plan,
      measurements,
      description: describe(plan, { ...options, places: crew.places }, { id: runId, startedAt, durationMs }),
      outcome: ending.outcome ?? plannedOutcome(measurements.snapshot, verdicts),
      thresholds: verdicts,
      bands,
      phases: faults.phases(gathered.startedAt),
      environment: environment(),
      workers: options.workers && crew.members,
      changes,
      servers: observed && { ...observed, targetUnknown: isKnown ? undefined : targetMetrics },
    })
    // After the outcome is known, which nothing in the teardown may change.
    await preparation.tearDown()
    crew.dismiss()
    await local?.working
    return { ...result, ...preparation.reports() }
  } finally {
    crew.dismiss()
    // Even without a result: a defect of the harness must not leave faults at the target.
    await faults.clear()
    await preparation.tearDown()
    await observer?.close()
    ending.close()
    if (guard === undefined) uncaught.close()
  }
}

/** Ends a run with thresholds of places where none of its workers is. */
function expectPlaces({ thresholds }: Plan, { places }: Crew, ending: Ending): void {
  const unknown = unknownPlaces(thresholds, places)
  if (unknown.length > 0) ending.end({ state: 'scenario_failed', detail: `${unknown.join('; ')}.` })
}

interface Watch {
  gathered: Gathered
  phases: Phases | undefined
  crew: Crew
  liveness: Liveness
  ending: Ending
  faults: RunFaults
  observer: ServerObserver
  expose: (elapsedMs: number, verdicts: ThresholdVerdict[]) => void
}

/** Returns the work of each second of a run: thresholds that may end it, liveness, progress, metrics. */
function watchOver(
  plan: Plan,
  { gathered, phases, crew, liveness, ending, expose, faults, observer }: Watch,
  options: RunOptions,
): (second: number) => void {
  return second => {
    gathered.settle()
    const point = pointIn(gathered, plan, second)
    const changes = options.controls?.changes ?? []
    const verdicts = judgeAll(plan, { gathered, phases, changes }, point.atMs)
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
    const hopeless = liveness.look()
    if (hopeless !== undefined) ending.end(hopeless)
    const isOver = point.atMs > scheduleEndMs(plan.loads, changes, point.atMs)
    const phase = ending.stopping.aborted || isOver ? 'stopping' : 'running'
    const silent = [...crew.silent, ...silentTarget(liveness, observer)]
    const progress = progressOf(phase, plan, gathered, point, { thresholds: verdicts, silent, changes })
    options.onProgress?.(progress)
    options.onSecond?.({
      plan,
      progress,
      measurements: gathered.measurements,
      startedAt: gathered.startedAt,
      second: gathered.measurements.second(second) as Second,
      marks: gathered.marks,
      changes,
      timelineAtMs: faults.phasesBeganAt(gathered.startedAt),
      workers: options.workers === undefined ? [] : crew.members,
      series: observer.series,
    })
    expose(point.atMs, verdicts)
  }
}

function pointIn({ measurements }: Gathered, { loads }: Plan, second: number): TimelinePoint {
  return pointOf(measurements.second(second) as Second, areOpen(loads))
}
