import type { Clock } from '../../core/clock.ts'
import { formatDuration } from '../../core/duration.ts'
import { ClockComparison } from '../coordination/clock-comparison.ts'
import { CrewMember, differentLoads, type Recruit } from '../coordination/member.ts'
import { StartingLine } from '../coordination/starting-line.ts'
import type { Assignment, Command, DrivenPhase, Start, ToCoordinator } from '../coordination/messages.ts'
import { boundedPlaces } from '../metrics/places.ts'
import type { LoadChange } from '../load/load-course.ts'
import type { Ending } from './ending.ts'
import type { Gathered } from './gathered.ts'

export interface CrewLead {
  clock: Clock
  ending: Ending
  /** Aborts when the run must end now. */
  killed: AbortSignal
  /** Place of the workers that name none. */
  place?: string | undefined
  /** Places that thresholds ask for. */
  wantedPlaces: readonly string[]
  /** Whether the run ends when a worker is lost. */
  onLoss: 'end' | 'continue'
  /** Called when a worker is lost. */
  tell: (line: string) => void
}

/** Time for a worker to load its scenario. */
const PREPARED_WITHIN_S = 70
/** Looks, one a second, in which nothing may come from a worker until it counts as lost. */
const MOST_SILENT_SECONDS = 5
/** Time for workers to close their connections and send what is left. Their clients have five seconds for that. */
const SETTLED_WITHIN_S = 15
const LOOK_MS = 1000

/** The workers of a run, as the coordinator leads them. */
export class Crew {
  readonly members: readonly CrewMember[]
  readonly #options: CrewLead
  readonly #closed = new AbortController()
  #control = 0
  #phase: { name: DrivenPhase; gathered: Gathered; onSecond: (second: number) => void } | undefined
  #lastSecond = -1
  /** By worker. */
  #places: (string | undefined)[] = []
  /** Called whenever something about a member has changed. */
  #changed: (() => void) | undefined
  readonly #clocks: ClockComparison
  #line = new StartingLine()

  constructor(recruits: readonly Recruit[], options: CrewLead) {
    this.#options = options
    this.#clocks = new ClockComparison(options.clock)
    this.members = recruits.map((recruit, index) => new CrewMember(index, recruit))
    for (const member of this.members) {
      const { link } = member.recruit
      link.receive(message => this.#receive(member, message))
      void link.ended.then(({ detail }) => {
        if (member.state !== 'finished') this.#lose(member, detail)
      })
    }
    const { ending, killed } = options
    const once = { signal: this.#closed.signal }
    const stop = () => this.#command({ action: 'stop' })
    const abort = () => this.#command({ action: 'abort' })
    if (ending.stopping.aborted) stop()
    else ending.stopping.addEventListener('abort', stop, once)
    if (killed.aborted) abort()
    else killed.addEventListener('abort', abort, once)
    void this.#watch()
  }

  /** Names of the places of all workers, in order. */
  get places(): string[] {
    return [...new Set(this.#places.flatMap(place => place ?? []))].sort()
  }

  /** Number of workers that are still there. */
  get present(): CrewMember[] {
    return this.members.filter(({ lost }) => lost === undefined)
  }

  /** Names workers from which nothing came for some seconds, for the progress. */
  get silent(): { from: string; seconds: number }[] {
    return this.present
      .filter(({ silentSeconds, state }) => silentSeconds > 1 && state === 'driving')
      .map(({ index, silentSeconds }) => ({ from: `worker ${index + 1}`, seconds: silentSeconds }))
  }

  /** Lets all workers load what is run. The run ends if one cannot. */
  async prepare(assignment: Omit<Assignment, 'share'>): Promise<void> {
    const of = this.members.length
    for (const { index, recruit } of this.members) {
      recruit.link.send({ kind: 'assign', ...assignment, share: { index, of } })
    }
    const { stopping } = this.#options.ending
    const isPrepared = () => stopping.aborted || this.present.every(({ state }) => state !== 'coming')
    await this.#until(isPrepared, PREPARED_WITHIN_S)
    if (stopping.aborted) return
    for (const member of this.present.filter(({ state }) => state === 'coming'))
      this.#lose(member, `it did not load the scenario within ${PREPARED_WITHIN_S} s`)
    const different = differentLoads(this.present)
    if (different !== undefined) this.#options.ending.end({ state: 'scenario_failed', detail: different })
    const places = this.members.map(({ place }) => place?.place ?? this.#options.place)
    this.#places = boundedPlaces(places, this.#options.wantedPlaces)
    // A worker in this process has the same clock.
    const others = this.present.filter(({ recruit }) => recruit.leadMs > 0)
    await Promise.all(others.map(member => this.#clocks.measure(member)))
    for (const member of others.filter(({ clockUncertaintyMs }) => clockUncertaintyMs === undefined))
      this.#lose(member, 'its clock could not be compared, because it did not answer')
  }

  /** How long a message needs to reach all workers. */
  get leadMs(): number {
    return Math.max(0, ...this.present.map(({ recruit }) => recruit.leadMs))
  }

  /** Returns the monotonic time at which the next phase can begin. */
  nextStart(): number {
    return this.#options.clock.now() + this.leadMs
  }

  /** Changes loads of all workers, at the same offset from the start of the phase. */
  change(change: LoadChange): void {
    this.#command({ action: 'change', change }, change.atMs)
  }

  /** Lets all workers drive their shares. Resolves when the loads of all have ended, or are lost. */
  async drive(start: Omit<Start, 'at'>, gathered: Gathered, onSecond: (second: number) => void): Promise<void> {
    const { clock } = this.#options
    this.#phase = { name: start.phase, gathered, onSecond }
    this.#line = new StartingLine()
    this.#lastSecond = -1
    const at = clock.wallTime() + (gathered.startedAt - clock.now())
    const driving = this.present
    for (const member of driving) {
      member.state = 'driving'
      member.second = -1
    }
    for (const { recruit, measuredOffsetMs } of driving) {
      const offset = measuredOffsetMs !== 0 && { clockOffsetMs: measuredOffsetMs }
      recruit.link.send({ kind: 'start', ...start, at: at + measuredOffsetMs, ...offset })
    }
    await this.#until(() => driving.every(({ isBusy }) => !isBusy))
  }

  /** Lets all workers close their connections and send the rest. */
  async settle(): Promise<void> {
    // A run that never began has nothing to settle.
    if (this.#phase?.name !== 'run') return
    const settling = this.present
    for (const { recruit } of settling) recruit.link.send({ kind: 'settle' })
    const isSettled = () => settling.every(({ state, lost }) => state === 'finished' || lost !== undefined)
    await this.#until(isSettled, SETTLED_WITHIN_S)
    for (const member of settling) {
      if (member.state !== 'finished' && member.lost === undefined)
        this.#lose(member, `it did not end within ${SETTLED_WITHIN_S} s`)
    }
  }

  /** Ends all workers. */
  dismiss(): void {
    this.#closed.abort()
    for (const member of this.members) {
      member.state = 'finished'
      member.recruit.link.send({ kind: 'dismiss' })
      member.recruit.link.close()
    }
  }

  #receive(member: CrewMember, message: ToCoordinator): void {
    if (member.lost !== undefined) return
    member.silentSeconds = 0
    switch (message.kind) {
      case 'heartbeat':
        return
      case 'ready': {
        const { kind: _, ...place } = message
        member.place = place
        return
      }
      case 'prepared':
        member.digest = message.digest
        member.state = 'idle'
        break
      case 'pong':
        this.#clocks.hear(message)
        return
      case 'interval':
        if (member.accepts(message.sequence)) this.#add(member, message)
        member.recruit.link.send({ kind: 'acknowledge', sequence: message.sequence })
        return
      case 'mark':
        this.#phase?.gathered.marks.push(message.mark)
        return
      case 'begun':
        if (message.phase !== this.#phase?.name) return
        this.#line.arrive(message.load, member)
        break
      case 'ended':
        if (message.phase !== this.#phase?.name || member.state !== 'driving') return
        member.state = 'idle'
        break
      case 'finished':
        member.expect(message.intervals)
        member.state = 'finished'
        break
      case 'failed':
        this.#options.ending.end(message.outcome)
        if (member.state === 'coming') this.#lose(member, 'it could not take part')
    }
    this.#hasChanged()
  }

  #add(member: CrewMember, { phase, interval, isFinal }: Extract<ToCoordinator, { kind: 'interval' }>): void {
    if (this.#phase === undefined || phase !== this.#phase.name) return
    const place = this.#places[member.index]
    this.#phase.gathered.add(place === undefined ? interval : { ...interval, place })
    if (phase === 'run') member.count(interval)
    if (isFinal) return
    member.second = Math.max(member.second, interval.second)
    const busy = this.members.filter(({ isBusy }) => isBusy)
    if (busy.length > 0) this.#tick(Math.min(...busy.map(({ second }) => second)))
  }

  /** Tells that a second is complete. */
  #tick(second: number): void {
    if (second <= this.#lastSecond) return
    this.#lastSecond = second
    this.#phase?.onSecond(second)
  }

  /** Looks once a second for workers that are silent. A coordinator that was busy itself looks less often, and blames nobody. */
  async #watch(): Promise<void> {
    const { clock } = this.#options
    while (!this.#closed.signal.aborted) {
      await clock.sleep(LOOK_MS, this.#closed.signal)
      if (this.#closed.signal.aborted) return
      for (const member of this.present) {
        if (member.place === undefined || member.state === 'finished') continue
        member.silentSeconds += 1
        const { mostSilentSeconds = MOST_SILENT_SECONDS } = member.recruit
        const isSilent = member.silentSeconds > mostSilentSeconds
        // While it loads a scenario, it may be busy for long.
        if (isSilent && member.state !== 'coming') this.#lose(member, `nothing came from it for ${mostSilentSeconds} s`)
      }
      // The others go on, and so do thresholds and progress.
      if (this.silent.length > 0) this.#tick(Math.max(...this.present.map(({ second }) => second)))
    }
  }

  #lose(member: CrewMember, detail: string): void {
    if (member.lost !== undefined) return
    const { ending, onLoss, tell } = this.#options
    const wasAtWork = this.#phase?.name === 'run' && member.state !== 'coming'
    member.lost = { atMs: member.countedMs, detail }
    member.recruit.kill?.()
    this.#phase?.gathered.leave(member.index)
    const when = wasAtWork ? `${formatDuration(Math.round(member.countedMs))} into the run` : 'before the run began'
    const { name } = member.recruit
    const who = `Worker ${member.index + 1} of ${this.members.length}${name === undefined ? '' : ` (${name})`}`
    const sentence = `${who} was lost ${when}: ${detail}`
    // The reason of its failure has ended the run already, if it had one to tell.
    if (!ending.stopping.aborted) tell(sentence)
    if (onLoss === 'end' || !wasAtWork || this.present.length === 0) {
      ending.end({ state: 'worker_lost', detail: `${sentence}.` })
    }
    this.#hasChanged()
  }

  #command(command: Command, atMs = 0): void {
    this.#control += 1
    for (const { recruit } of this.present) {
      recruit.link.send({ kind: 'control', sequence: this.#control, atMs, command })
    }
    this.#hasChanged()
  }

  #hasChanged(): void {
    const { clock } = this.#options
    const busy = this.members.filter(({ isBusy }) => isBusy)
    const phase = this.#phase?.name
    for (const load of phase === undefined ? [] : this.#line.takeComplete(busy)) {
      const at = clock.wallTime() + this.leadMs
      for (const { recruit, clockOffsetMs } of busy)
        recruit.link.send({ kind: 'go', phase: phase!, load, at: at + clockOffsetMs })
    }
    this.#changed?.()
  }

  /** Resolves when the condition holds, or after some seconds. */
  async #until(condition: () => boolean, seconds = Number.POSITIVE_INFINITY): Promise<void> {
    if (condition()) return
    const done = new AbortController()
    const check = () => condition() && done.abort()
    this.#changed = check
    await this.#options.clock.sleep(seconds * 1000, done.signal)
    this.#changed = undefined
  }
}
