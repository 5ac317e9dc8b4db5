import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { FaultsConfiguration } from '../../contract/faults/configuration.ts'
import type { FaultScope } from '../../contract/faults/fault.ts'
import { presetsOn } from '../../contract/faults/presets.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { FaultRuleReport, FaultsReport, TimelineReport } from '../../contract/faults/report.ts'
import { operationNames, operations } from '../../contract/api/operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Guard } from '../auth/guard.ts'
import type { LiveSettings } from '../configuration/settings.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { ActiveRule } from './active-rule.ts'
import { ActiveTimeline, rulesOf } from './active-timeline.ts'
import { ArrivalCounter } from './arrivals.ts'
import { ExchangeSubject, type FaultSubject, type Recognize } from './subject.ts'
import type { FaultPlan } from './injection.ts'
import { RuleSet } from './rule-set.ts'

export interface FaultsDependencies {
  settings: LiveSettings
  clock: Clock
  random: Random
  guard: Pick<Guard, 'recognize'>
  lifecycle: Lifecycle
}

/** The rules in force: those of the configuration, and those of the current phase of the timeline. */
export class Faults {
  /** Whether there is any rule. Callers check it first, so that a target without rules does no further work. */
  on = false
  /** Increases with every change of the rules. Results of `rulesFor` are valid for one version. */
  version = 0
  readonly #settings: LiveSettings
  readonly #clock: Clock
  readonly #random: Random
  readonly #recognize: Recognize
  /** Difference between wall time and monotonic time. */
  readonly #wallOffsetMs: number
  readonly #arrivals = new ArrivalCounter(operationNames)
  #configuration: FaultsConfiguration | undefined
  /** Rules of the configuration. */
  #always: readonly ActiveRule[] = []
  #timeline: ActiveTimeline | undefined
  #set = new RuleSet([])
  /** Monotonic time of the next change by a ttl or the timeline. */
  #changesAtMs = Number.POSITIVE_INFINITY
  #sleep = new AbortController()
  readonly #listeners: ((rules: readonly ActiveRule[]) => void)[] = []

  constructor({ settings, clock, random, guard, lifecycle }: FaultsDependencies) {
    this.#settings = settings
    this.#clock = clock
    this.#wallOffsetMs = clock.wallTime() - clock.now()
    this.#random = random.fork('faults')
    const recognize: Recognize = ({ operation }, request) =>
      guard.recognize(request, operation === 'unmatched' ? undefined : operations[operation].access)
    this.#recognize = recognize
    this.#read()
    settings.onChange(() => this.#read())
    lifecycle.onReset('ledger', () => this.forgetCounts())
    lifecycle.on('stop', () => this.#sleep.abort())
  }

  /** In the order in which they apply. */
  get rules(): readonly ActiveRule[] {
    return this.#set.rules
  }

  /** Calls the listener with the rules in force, now and after each change. */
  onChange(listener: (rules: readonly ActiveRule[]) => void): void {
    this.#listeners.push(listener)
    listener(this.rules)
  }

  /** Returns the exchange as rules see it. Call it once for each exchange, because it counts the arrival. */
  subjectOf(exchange: Exchange, request: IncomingMessage): FaultSubject {
    return new ExchangeSubject(exchange, request, this.#arrivals.next(exchange.operation), this.#recognize)
  }

  /** Decides which faults are injected into a request or a handshake; undefined if none is. Call it once for each. */
  planOf(subject: FaultSubject): FaultPlan | undefined {
    // The timer may be late, but the rules must be those of this moment.
    const nowMs = this.#catchUp()
    return this.#set.planOf(subject, nowMs)
  }

  /**
   * Returns the rules for an open stream or WebSocket, or for its messages. The caller checks `actsAt` of each, and for a
   * message `matchesChannel` of its matcher, and then calls `inject(subject.faults, subject.key, …)`.
   */
  rulesFor(subject: FaultSubject, scope: Exclude<FaultScope, 'request' | 'handshake'>): readonly ActiveRule[] {
    return this.#set.rulesFor(subject, scope)
  }

  /** Returns the rules for the handshakes of connections that act now. */
  get handshakeRules(): readonly ActiveRule[] {
    const nowMs = this.#catchUp()
    return this.rules.filter(rule => rule.scope === 'handshake' && rule.actsAt(nowMs))
  }

  /** Returns what `tell` says about each rule, in their order. */
  preview<T>(tell: (rule: ActiveRule, nowMs: number) => T): T[] {
    const nowMs = this.#catchUp()
    return this.rules.map(rule => tell(rule, nowMs))
  }

  /** Name of the current phase of the timeline, if there is one. */
  get phase(): string | undefined {
    return this.#timeline?.phaseAt(this.#catchUp())
  }

  /** Restarts the timeline. */
  restartTimeline(): void {
    const { timeline } = this.#settings.current.faults
    this.#timeline = timeline === null ? undefined : new ActiveTimeline(timeline, this.#dependencies)
    this.#compose(this.#clock.now())
  }

  /** Resets the counts of all rules. Decisions do not change. */
  forgetCounts(): void {
    for (const rule of this.#always) rule.forgetCounts()
    this.#timeline?.forgetCounts()
  }

  report(): FaultsReport {
    this.#catchUp()
    const { rules, presets } = this.#settings.current.faults
    return {
      rules: this.rules.map(rule => rule.report(this.#wallOffsetMs)),
      presets: [...presets, ...presetsOn(rules)],
    }
  }

  /** Reports a single rule, because each report takes some milliseconds. */
  reportRule(id: string): FaultRuleReport | undefined {
    this.#catchUp()
    return this.rules.find(rule => rule.id === id)?.report(this.#wallOffsetMs)
  }

  reportTimeline(): TimelineReport {
    const nowMs = this.#catchUp()
    return this.#timeline?.report(nowMs, this.#wallOffsetMs) ?? { timeline: null, bands: [] }
  }

  /** Reads the configuration. Unchanged rules keep their counts and their start. */
  #read(): void {
    const { faults } = this.#settings.current
    if (isDeepStrictEqual(faults, this.#configuration)) return
    const known = new Map(this.#always.map(rule => [rule.id, rule]))
    const dependencies = { ...this.#dependencies, source: 'rules' } as const
    const always = rulesOf([...faults.rules, ...faults.presets]).map(definition => {
      const rule = known.get(definition.id)
      return rule && isDeepStrictEqual(rule.definition, definition) ? rule : new ActiveRule(definition, dependencies)
    })
    // The first faults restart the ordinals, so that a repeated run of requests without keys meets the same faults.
    if (this.#always.length === 0 && this.#timeline === undefined) this.#arrivals.reset()
    this.#always = always
    this.#configuration = faults
    if (isDeepStrictEqual(faults.timeline, this.#timeline?.definition ?? null)) this.#compose(this.#clock.now())
    else this.restartTimeline()
  }

  /** Applies the changes that are due: ends rules whose ttl is over, or enters the next phase. */
  #advance(nowMs: number): void {
    const over = new Set(this.#always.filter(rule => rule.endsAtMs <= nowMs).map(({ id }) => id))
    if (over.size === 0) return this.#compose(nowMs)
    const { current } = this.#settings
    const rules = rulesLeft(current.faults, over)
    // Also removed from the configuration, because its next change would bring them back.
    this.#settings.change({ ...current, faults: { ...current.faults, rules } })
  }

  /** Applies the changes that are due. Returns the time now. */
  #catchUp(): number {
    const nowMs = this.#clock.now()
    if (nowMs >= this.#changesAtMs) this.#advance(nowMs)
    return nowMs
  }

  #compose(nowMs: number): void {
    const ofPhase = this.#timeline?.rulesAt(nowMs) ?? []
    const rules = [...this.#always, ...ofPhase]
    this.#set = new RuleSet(rules)
    this.on = rules.length > 0 || this.#timeline !== undefined
    this.version += 1
    this.#changesAtMs = Math.min(
      this.#timeline?.changesAtMs(nowMs) ?? Number.POSITIVE_INFINITY,
      ...this.#always.map(({ endsAtMs }) => endsAtMs),
    )
    void this.#wake(nowMs)
    for (const listener of this.#listeners) listener(rules)
  }

  /** Sleeps until the next change. */
  async #wake(nowMs: number): Promise<void> {
    this.#sleep.abort()
    if (this.#changesAtMs === Number.POSITIVE_INFINITY) return
    const { signal } = (this.#sleep = new AbortController())
    await this.#clock.sleep(this.#changesAtMs - nowMs, signal)
    if (signal.aborted) return
    const wokenAtMs = this.#clock.now()
    if (wokenAtMs >= this.#changesAtMs) this.#advance(wokenAtMs)
    else await this.#wake(wokenAtMs)
  }

  get #dependencies(): { clock: Clock; random: Random } {
    return { clock: this.#clock, random: this.#random }
  }
}

/** Returns the rules that remain when some are over. Rules for a station without settings end with it. */
function rulesLeft({ rules, presets }: FaultsConfiguration, over: ReadonlySet<string>): FaultRule[] {
  const left = rules.filter(({ id }) => !over.has(id))
  const stations = new Set<string>()
  for (const { id, fault } of rulesOf([...left, ...presets])) {
    if (fault.type === 'capacity' && fault.servers !== undefined) stations.add(fault.station ?? id)
  }
  return left.filter(({ id, fault }) => fault.type !== 'capacity' || stations.has(fault.station ?? id))
}
