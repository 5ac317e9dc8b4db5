import type { Clock } from '../../core/clock.ts'
import { formatDuration } from '../../core/duration.ts'
import { didYouMean } from '../../core/nearest.ts'
import { changesOf, LoadCourse, type Leg, type LoadAction, type LoadChange } from '../load/load-course.ts'
import { isOpen } from '../load/plan.ts'
import type { RunLoad } from '../load/run-load.ts'
import { scheduleEndMs } from '../load/steered-times.ts'
import type { Mark } from '../metrics/observations.ts'
import { describeLoad } from '../plan/words.ts'
import type { ControlCommand, LoadCommand } from './control-command.ts'
import { LiveStop } from './live-stop.ts'
import type { Acknowledgement, LoadStatus, RunControls, RunStatus } from './run-controls.ts'
import { scaleFactor, type ScaleRefusal } from './scale-factor.ts'

/** The loads of a run that have begun. */
export interface BegunLoads {
  clock: Clock
  /** By the clock. */
  startedAt: number
  loads: readonly RunLoad[]
  /** Number of workers that drive them. */
  workers: number
  /** How long a change needs to reach all workers. It applies this much later, at the same moment everywhere. */
  leadMs: number
  /** Carries out a change. */
  change(change: LoadChange): void
  /** Adds a mark to the report. */
  mark(mark: Mark): void
  /** Tells whether the run is about to end. */
  isEnding(): boolean
  /** Tells whether a load is over. */
  isOver(load: RunLoad): boolean
}

/** Most changes of a run: no person gives more, and a program that does is wrong. */
const MOST_CHANGES = 1000

/** A run as it is known before it begins. */
type KnownRun = Pick<RunStatus, 'id' | 'scenario' | 'targetUrl' | 'folder' | 'since'>

/** A run that takes commands, from its preparation to its end. */
export class ControlledRun implements RunControls {
  readonly #told: KnownRun
  readonly #stop = new AbortController()
  readonly #kill = new AbortController()
  #begun: BegunLoads | undefined
  #isEnded = false
  #changes: readonly LoadChange[] = []

  constructor(told: KnownRun) {
    this.#told = told
  }

  /** Aborts when the run should end gracefully. The reason is a LiveStop. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /** Aborts when the run should end at once. */
  get killed(): AbortSignal {
    return this.#kill.signal
  }

  /** All changes so far. */
  get changes(): readonly LoadChange[] {
    return this.#changes
  }

  /** Tells that the loads have begun, and can be changed. */
  begin(loads: BegunLoads): void {
    this.#begun = loads
  }

  /** Tells that the loads are over. */
  end(): void {
    this.#isEnded = true
  }

  status(): RunStatus {
    const begun = this.#begun
    if (begun === undefined) {
      const state = this.#stop.signal.aborted || this.#isEnded ? 'ending' : 'preparing'
      return { ...this.#told, state, loads: [] }
    }
    const elapsedMs = elapsedIn(begun)
    const loads = begun.loads.map(load => this.#statusOf(load, begun))
    const isPaused = loads.every(({ isPaused, isOver }) => isPaused || isOver)
    const state = this.#isEnding(begun) ? 'ending' : isPaused ? 'paused' : 'running'
    return { ...this.#told, state, elapsedMs, endsAtMs: scheduleEndMs(begun.loads, this.#changes, elapsedMs), loads }
  }

  give(command: ControlCommand): Acknowledgement {
    if (command.kind === 'stop' || command.kind === 'abort') return this.#stopBy(command.kind)
    const begun = this.#begun
    if (this.#isEnding(begun)) return refused({ reason: 'the run is ending already' })
    if (begun === undefined) {
      const nextStep = '`loadcell ctl status` says when it runs; `stop` ends it before.'
      return refused({ reason: 'the run is still preparing: its loads have not begun', nextStep })
    }
    if (this.#changes.length >= MOST_CHANGES)
      return refused({ reason: `expected at most ${MOST_CHANGES} changes in a run` })
    const atMs = roundedMs(elapsedIn(begun) + begun.leadMs)
    const meant = loadsMeant(command, begun)
    if (!Array.isArray(meant)) return refused(meant)
    const action = actionOf(command, meant, begun.workers)
    if ('reason' in action) return refused(action)
    const named =
      command.load === undefined && meant.length === begun.loads.length ? {} : { load: meant[0]?.name ?? '' }
    return this.#change(begun, { atMs, ...named, ...action }, { command, meant })
  }

  #change(
    begun: BegunLoads,
    change: LoadChange,
    { command, meant }: { command: LoadCommand; meant: readonly RunLoad[] },
  ): Acknowledgement {
    const { atMs } = change
    const words = wordsOf(command, change)
    const isNew = meant.some(({ name }) => {
      const [before, after] = [this.#changes, [...this.#changes, change]].map(changes =>
        new LoadCourse(changesOf(changes, name)).legAt(atMs),
      ) as [Leg, Leg]
      return before.factor !== after.factor || before.isPaused !== after.isPaused
    })
    if (!isNew) return { state: 'accepted', atMs, detail: `Nothing changes: it is so already (${words}).` }
    this.#changes = [...this.#changes, change]
    begun.change(change)
    begun.mark({ atMs, label: words, detail: effectOf(change, meant), source: 'live control' })
    return { state: 'accepted', atMs, detail: effectOf(change, meant) }
  }

  #stopBy(kind: 'stop' | 'abort'): Acknowledgement {
    const begun = this.#begun
    const isStopping = kind === 'stop' && this.#stop.signal.aborted
    if (this.#isEnded || isStopping || this.#kill.signal.aborted)
      return refused({ reason: 'the run is ending already' })
    const at = begun === undefined ? {} : { atMs: roundedMs(elapsedIn(begun)) }
    const detail =
      kind === 'stop'
        ? 'The run ends gracefully: iterations that have begun may finish.'
        : 'The run ends at once: iterations that have begun are interrupted.'
    if (begun !== undefined && at.atMs !== undefined)
      begun.mark({ atMs: at.atMs, label: kind, detail, source: 'live control' })
    this.#stop.abort(new LiveStop(kind))
    if (kind === 'abort') this.#kill.abort(new LiveStop(kind))
    return { state: 'accepted', ...at, detail }
  }

  #isEnding(begun: BegunLoads | undefined): boolean {
    if (this.#isEnded || this.#stop.signal.aborted) return true
    if (begun === undefined) return false
    const elapsedMs = elapsedIn(begun)
    return begun.isEnding() || elapsedMs >= scheduleEndMs(begun.loads, this.#changes, elapsedMs)
  }

  #statusOf(load: RunLoad, begun: BegunLoads): LoadStatus {
    const { name, load: plan } = load
    const { isPaused, factor } = new LoadCourse(changesOf(this.#changes, name)).legAt(elapsedIn(begun))
    const told = { inWords: describeLoad(plan), isPaused, factor, isOver: begun.isOver(load) }
    return name === undefined ? told : { name, ...told }
  }
}

function elapsedIn({ clock, startedAt }: BegunLoads): number {
  return Math.max(0, clock.now() - startedAt)
}

function roundedMs(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000
}

function refused(refusal: ScaleRefusal): Acknowledgement {
  return { state: 'refused', ...refusal }
}

/** Returns the loads that a command is for, or why it is for none. */
function loadsMeant(command: LoadCommand, begun: BegunLoads): RunLoad[] | ScaleRefusal {
  const { loads } = begun
  const names = loads.flatMap(({ name }) => name ?? [])
  if (command.load !== undefined) {
    const found = loads.find(({ name }) => name === command.load)
    if (found === undefined) {
      const reason = `there is no load ${JSON.stringify(command.load)}${didYouMean(command.load, names)}`
      const nextStep =
        names.length === 0 ? 'Leave out the load: this run has one, without a name.' : `There are ${names.join(', ')}.`
      return { reason, nextStep }
    }
    return begun.isOver(found) ? { reason: `the load ${command.load} is over` } : [found]
  }
  if (command.kind !== 'scale' || 'factor' in command.size || loads.length === 1) return [...loads]
  const wantsRate = 'rate' in command.size
  const fitting = loads.filter(load => isOpen(load.load) === wantsRate && !begun.isOver(load))
  if (fitting.length === 1) return fitting
  const kind = wantsRate ? 'arrivals' : 'users'
  return fitting.length === 0
    ? { reason: `no load is driven by ${kind}`, nextStep: 'Give --factor.' }
    : {
        reason: `several loads are driven by ${kind}`,
        nextStep: `Name one with --load: ${fitting.map(({ name }) => name).join(', ')}.`,
      }
}

function actionOf(command: LoadCommand, meant: readonly RunLoad[], workers: number): LoadAction | ScaleRefusal {
  if (command.kind !== 'scale') return { kind: command.kind }
  const factors = meant.map(({ load }) => scaleFactor(load, command.size, workers))
  const refusal = factors.find(factor => typeof factor !== 'number')
  if (refusal !== undefined) return refusal
  return { kind: 'scale', factor: factors[0] as number }
}

/** Returns the command as a label: `pause`, `scale to 200 users`, `scale sale to 2 × the plan`. */
function wordsOf(command: LoadCommand, change: LoadChange): string {
  const what = change.load === undefined ? command.kind : `${command.kind} ${change.load}`
  if (command.kind !== 'scale') return what
  const { size } = command
  if ('users' in size) return `${what} to ${size.users} ${size.users === 1 ? 'user' : 'users'}`
  return 'rate' in size ? `${what} to a rate of ${size.rate}` : `${what} to ${size.factor} × the plan`
}

/** Returns what a change does, in a sentence. */
function effectOf(change: LoadChange, meant: readonly RunLoad[]): string {
  const at = `from ${formatDuration(change.atMs)} on`
  switch (change.kind) {
    case 'pause':
      return `No iteration begins ${at}. Those that have begun go on.`
    case 'resume':
      return `The schedule goes on ${at}.`
    case 'scale': {
      const limits = meant.flatMap(({ load }) => (isOpen(load) ? [load.maxVUs] : []))
      const most = limits.reduce((sum, limit) => sum + limit, 0)
      const hint = change.factor > 1 && most > 0 ? ` At most ${most} users serve the arrivals, as before.` : ''
      if (change.factor === 1) return `The load is as planned ${at}.`
      return `The load is ${Number(change.factor.toPrecision(4))} times the plan ${at}.${hint}`
    }
  }
}
