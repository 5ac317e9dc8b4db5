import { availableParallelism, hostname } from 'node:os'
import { type Clock, shiftedClock } from '../../core/clock.ts'
import type { Link } from '../bus/link.ts'
import { concealUrl } from '../client/address/url-credentials.ts'
import { createClient as createHarnessClient } from '../client/client.ts'
import type { Assignment, Command, DrivenPhase, Start, ToCoordinator, ToWorker } from '../coordination/messages.ts'
import type { LoadChange } from '../load/load-course.ts'
import { type Pacer, precisePacer } from '../load/pacer.ts'
import { type GeneratorMonitor, monitorGenerator } from '../metrics/generator-monitor.ts'
import { Phases } from '../metrics/phases.ts'
import type { Plan } from '../plan/plan.ts'
import type { RunOutcome } from '../results/run-result.ts'
import { describeException } from '../user/exception.ts'
import { CommonStart } from './common-start.ts'
import { drive } from './drive.ts'
import { outcomeOf } from './ending.ts'
import { probeServers, unreachableOutcome } from './probe.ts'
import { digestOf } from './plan-digest.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'
import { runConcealer } from './run-concealer.ts'
import { sharing } from './shared-result.ts'
import type { Uncaught } from './uncaught.ts'
import { WARMUP_SUFFIX, warmupPlan } from './warmup.ts'

export interface WorkerOptions {
  clock: Clock
  /** Version of Loadcell. */
  version: string
  /** Loads what the coordinator wants to be run. @throws Error when it cannot be run here */
  planOf(job: unknown): Plan | Promise<Plan>
  createClient?: RigOptions['createClient'] | undefined
  uncaught: Uncaught
  /** Aborts with a ScenarioExit when the scenario tries to end the process. */
  exited?: AbortSignal
  /** A name for where it is. */
  place?: string | undefined
}

const HEARTBEAT_MS = 1000
/** Intervals that the coordinator may have to merge. Further seconds become one interval, so that a slow coordinator fills no memory. */
const MOST_UNACKNOWLEDGED = 30

/** Drives a share of a run as the coordinator says. Resolves when it is dismissed, or when the link ends. */
export async function work(link: Link<ToCoordinator, ToWorker>, options: WorkerOptions): Promise<void> {
  const worker = new Worker(link, options)
  const beating = new AbortController()
  void (async () => {
    while (!beating.signal.aborted) {
      await options.clock.sleep(HEARTBEAT_MS, beating.signal)
      if (!beating.signal.aborted) link.send({ kind: 'heartbeat' })
    }
  })()
  try {
    await worker.work()
  } finally {
    beating.abort()
    link.close()
  }
}

class Worker {
  readonly #link: Link<ToCoordinator, ToWorker>
  readonly #options: WorkerOptions
  readonly #pacer: Pacer
  readonly #commonStart: CommonStart
  readonly #monitor: GeneratorMonitor
  readonly #stop = new AbortController()
  readonly #kill = new AbortController()
  readonly #over = new AbortController()
  /** Messages that are handled one after the other. */
  readonly #queue: ToWorker[] = []
  #wake: (() => void) | undefined
  /** Messages that were seen: each of them comes once, unless the link repeats it. */
  readonly #seen = new Set<string>()
  /** Number of the last interval, and of the last command. */
  #sequence = 0
  #acknowledged = 0
  #control = 0
  /** The loads have ended, so that further intervals are no whole seconds. */
  #isFinal = false
  #phaseStartedAt = 0
  /** Changes of the run, which may come before its loads are made. */
  readonly #changes: LoadChange[] = []
  #steered: Rig | undefined

  constructor(link: Link<ToCoordinator, ToWorker>, options: WorkerOptions) {
    this.#link = link
    this.#options = options
    this.#pacer = precisePacer(options.clock)
    this.#commonStart = new CommonStart(link, options.clock)
    this.#monitor = monitorGenerator(options.clock, this.#pacer)
    link.receive(message => this.#receive(message))
    void link.ended.then(() => {
      this.#apply({ action: 'abort' })
      this.#over.abort()
      this.#wake?.()
    })
  }

  async work(): Promise<void> {
    const { clock, version, exited, place } = this.#options
    const leave = () => this.#link.send({ kind: 'failed', outcome: outcomeOf(exited!.reason) })
    exited?.addEventListener('abort', leave)
    this.#link.send({
      kind: 'ready',
      version,
      node: process.version,
      host: hostname(),
      pid: process.pid,
      cores: availableParallelism(),
      wallTime: clock.wallTime(),
      ...(place !== undefined && { place }),
    })
    try {
      const assignment = await this.#next('assign')
      const plan = assignment && (await this.#prepare(assignment))
      if (plan === undefined) return
      this.#link.send({ kind: 'prepared', digest: digestOf(plan) })
      for (;;) {
        const start = await this.#next('start')
        if (start === undefined) return
        if (start.phase === 'warmup') await this.#warmUp(plan, assignment!, start)
        else await this.#run(plan, assignment!, start)
      }
    } finally {
      exited?.removeEventListener('abort', leave)
      this.#monitor.close()
    }
  }

  async #prepare(assignment: Assignment): Promise<Plan | undefined> {
    const { version, job } = assignment
    const own = this.#options.version
    let outcome: RunOutcome | undefined
    try {
      if (version !== own) throw new Error(`it is of version ${own}, and the coordinator of version ${version}`)
      const plan = await this.#options.planOf(job)
      outcome = assignment.mustProbe === true ? await this.#probe(plan, assignment) : undefined
      if (outcome === undefined) return plan
    } catch (error) {
      const detail = error instanceof Error ? error.message : describeException(error)
      outcome = { state: 'scenario_failed', detail: `A worker could not take part: ${detail}.` }
    }
    this.#link.send({ kind: 'failed', outcome })
    await this.#next()
    return undefined
  }

  /** Returns why the target, or another server, cannot be reached from here. */
  async #probe(plan: Plan, { runId, targetUrl, identify, version }: Assignment): Promise<RunOutcome | undefined> {
    const { clock, createClient = createHarnessClient } = this.#options
    const conceal = runConcealer(plan, { targetUrl })
    const sent = { runId: `${runId}${WARMUP_SUFFIX}`, plan, targetUrl, identify, version, createClient, conceal }
    const unreachable = await probeServers({ clock, stopping: this.#stop.signal, ...sent }, plan.hosts)
    if (unreachable === undefined) return undefined
    const { state, detail } = unreachableOutcome(unreachable.place ?? concealUrl(targetUrl), unreachable)
    return { state, detail: `From the worker on ${hostname()}: ${detail}` }
  }

  async #warmUp(plan: Plan, assignment: Assignment, start: Start): Promise<void> {
    const warmup = { ...assignment, runId: `${assignment.runId}${WARMUP_SUFFIX}` }
    const rig = this.#rig(warmupPlan(plan), warmup, start, { groupSuffix: WARMUP_SUFFIX })
    await drive(rig, { onSecond: () => {}, maySend: this.#maySend })
    await rig.client.close(this.#stop.signal)
    this.#ended(rig, 'warmup')
  }

  async #run(plan: Plan, assignment: Assignment, start: Start): Promise<void> {
    const { clock, uncaught } = this.#options
    const rig = this.#rig(plan, assignment, start)
    this.#steered = rig
    for (const change of this.#changes) steer(rig, change)
    await drive(rig, { onSecond: second => void rig.client.groupLag.look(second), maySend: this.#maySend, uncaught })
    const endedAt = clock.now()
    this.#isFinal = true
    rig.intervals.end(endedAt)
    this.#ended(rig, 'run', endedAt)
    await this.#next('settle')
    await rig.client.close(this.#kill.signal)
    // Not earlier, because both ends must have counted the requests that were in progress.
    rig.intervals.end(endedAt, { ...rig.client.observations(), marks: [], slowest: rig.recorder.slowest.list() })
    this.#link.send({ kind: 'finished', intervals: this.#sequence })
  }

  readonly #maySend = () => this.#sequence - this.#acknowledged < MOST_UNACKNOWLEDGED

  #ended({ startedAt }: Rig, phase: DrivenPhase, endedAt = this.#options.clock.now()): void {
    this.#link.send({ kind: 'ended', phase, atMs: endedAt - startedAt })
  }

  #rig(
    plan: Plan,
    { runId, share, targetUrl, identify, version }: Assignment,
    { phase, at, clockOffsetMs, timelineAtMs, shared }: Start,
    more: Pick<RigOptions, 'groupSuffix'> = {},
  ): Rig {
    const { clock: own, createClient = createHarnessClient } = this.#options
    const startedAt = own.now() + (at - own.wallTime())
    // Events carry wall times from worker to worker.
    const clock = clockOffsetMs === undefined ? own : shiftedClock(own, clockOffsetMs)
    this.#phaseStartedAt = startedAt
    const timeline = plan.faults?.timeline
    return createRig(plan, runId, {
      clock,
      pacer: this.#pacer,
      monitor: this.#monitor,
      targetUrl,
      identify,
      version,
      createClient,
      conceal: runConcealer(plan, { targetUrl }),
      stopping: this.#stop.signal,
      killed: this.#kill.signal,
      share,
      agreeOnStart: load => this.#commonStart.agree(phase, load),
      shared: sharing(plan, () => shared),
      startedAt,
      ...(timeline !== undefined &&
        timelineAtMs !== undefined && { phases: new Phases(timeline.phases, startedAt + timelineAtMs) }),
      sink: interval => {
        this.#sequence += 1
        this.#link.send({
          kind: 'interval',
          sequence: this.#sequence,
          phase,
          interval,
          ...(this.#isFinal && { isFinal: true as const }),
        })
      },
      ...more,
    })
  }

  #receive(message: ToWorker): void {
    switch (message.kind) {
      case 'ping':
        this.#link.send({ kind: 'pong', id: message.id, wallTime: this.#options.clock.wallTime() })
        return
      case 'control':
        if (message.sequence <= this.#control) return
        this.#control = message.sequence
        if (message.command.action === 'change') this.#change(message.command.change)
        else void this.#applyAt(message.atMs, message.command)
        return
      case 'acknowledge':
        this.#acknowledged = Math.max(this.#acknowledged, message.sequence)
        return
      case 'dismiss':
        this.#over.abort()
        this.#wake?.()
        return
      case 'go':
        return this.#commonStart.hear(message)
      case 'assign':
      case 'start':
      case 'settle': {
        const name = message.kind === 'start' ? `start ${message.phase}` : message.kind
        if (this.#seen.has(name)) return
        this.#seen.add(name)
        this.#queue.push(message)
        this.#wake?.()
      }
    }
  }

  #change(change: LoadChange): void {
    this.#changes.push(change)
    if (this.#steered !== undefined) steer(this.#steered, change)
  }

  async #applyAt(atMs: number, command: EndingCommand): Promise<void> {
    const delayMs = this.#phaseStartedAt + atMs - this.#options.clock.now()
    if (delayMs > 0) await this.#options.clock.sleep(delayMs, this.#over.signal)
    this.#apply(command)
  }

  #apply({ action }: EndingCommand): void {
    if (action === 'abort') this.#kill.abort()
    this.#stop.abort()
  }

  /** Returns the next message of this kind; undefined when the worker is dismissed or the link has ended. */
  async #next<Kind extends ToWorker['kind']>(kind?: Kind): Promise<Extract<ToWorker, { kind: Kind }> | undefined> {
    while (!this.#over.signal.aborted) {
      const at = this.#queue.findIndex(message => message.kind === kind)
      if (at !== -1) return this.#queue.splice(at, 1)[0] as Extract<ToWorker, { kind: Kind }>
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return undefined
  }
}

type EndingCommand = Exclude<Command, { action: 'change' }>

function steer({ loads }: Rig, change: LoadChange): void {
  for (const { load, execution } of loads)
    if (change.load === undefined || change.load === load.name) execution.steering.change(change)
}
