import { distributionOf, type Fault, type FaultScope } from '../../contract/faults/fault.ts'
import type { FaultRuleReport } from '../../contract/faults/report.ts'
import { type FaultRule, scopeOf } from '../../contract/faults/rule.ts'
import { parseDistribution } from '../../core/distributions/parse.ts'
import type { Clock } from '../../core/clock.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import { parseDuration } from '../../core/duration.ts'
import { Histogram } from '../../core/histogram.ts'
import type { Random } from '../../core/random.ts'
import { wilsonInterval } from '../../core/wilson.ts'
import type { FaultsBook } from '../exchange/account.ts'
import { DecisionCounts, DelayHistograms } from '../ledger/counts.ts'
import { FaultMatcher } from './matcher.ts'
import type { Injection } from './injection.ts'

/** Dependencies of a rule, and its origin. */
export interface RuleDependencies {
  clock: Clock
  /** Random numbers derived from the seed. */
  random: Random
  source: FaultRuleReport['source']
  /** Time over which the share grows from 0. */
  rampMs?: number
}

/** Confidence level of the interval around the observed share. */
const LEVEL = 0.99

/** A parsed rule that is in force, with counts of its effects since it was set or its counts were reset. */
export class ActiveRule {
  readonly id: string
  readonly definition: FaultRule
  readonly source: FaultRuleReport['source']
  readonly fault: Fault
  readonly scope: FaultScope
  readonly matcher: FaultMatcher
  /** Distribution of the times that the fault takes. */
  readonly distribution: Distribution | undefined
  readonly #share: number
  readonly #rampMs: number
  readonly #ttlMs: number
  readonly #windows: readonly { fromMs: number; toMs: number }[] | undefined
  readonly #clock: Clock
  readonly #random: Random
  #setAtMs: number
  #book = new FaultBook()
  /** Number of injections since the rule was set. A reset of the counts leaves it alone, so that it changes no draw. */
  #injections = 0

  /** @param setAtMs monotonic time */
  constructor(definition: FaultRule, { clock, random, source, rampMs = 0 }: RuleDependencies, setAtMs = clock.now()) {
    const { id, match = {}, share = 1, window, ttl, fault } = definition
    const distribution = distributionOf(fault)
    this.id = id
    this.definition = definition
    this.source = source
    this.fault = fault
    this.scope = scopeOf(definition)
    this.matcher = new FaultMatcher(match)
    this.distribution = distribution === undefined ? undefined : parseDistribution(distribution)
    this.#share = share
    this.#rampMs = rampMs
    this.#ttlMs = ttl === undefined ? Number.POSITIVE_INFINITY : parseDuration(ttl)
    this.#windows =
      window && [window].flat().map(({ from, to }) => ({ fromMs: parseDuration(from), toMs: parseDuration(to) }))
    this.#clock = clock
    this.#random = random.fork(id)
    this.#setAtMs = setAtMs
  }

  get book(): FaultBook {
    return this.#book
  }

  /** Starts new counts. Injections under way report to the old ones. */
  forgetCounts(): void {
    this.#book = new FaultBook()
  }

  /** Monotonic time. */
  get endsAtMs(): number {
    return this.#setAtMs + this.#ttlMs
  }

  /** Restarts the windows, the ttl and the ramp at this time. */
  restart(setAtMs: number): void {
    this.#setAtMs = setAtMs
  }

  actsAt(nowMs: number): boolean {
    const ageMs = nowMs - this.#setAtMs
    if (ageMs >= this.#ttlMs) return false
    return this.#windows?.some(({ fromMs, toMs }) => ageMs >= fromMs && ageMs < toMs) ?? true
  }

  shareAt(nowMs: number): number {
    if (this.#rampMs === 0) return this.#share
    return this.#share * Math.min(1, Math.max(0, (nowMs - this.#setAtMs) / this.#rampMs))
  }

  /**
   * Decides whether to inject the fault, and counts the decision here and in the account of the run. It depends only on the
   * seed, the rule and the key, and on the time while the share grows.
   */
  inject(account: FaultsBook, ...key: (string | number)[]): Injection | undefined {
    const random = this.#random.fork(...key)
    const share = this.#rampMs === 0 ? this.#share : this.shareAt(this.#clock.now())
    const injected = share === 1 || drawOf(random) < share
    this.book.met(share, injected)
    account.met(this, share, injected)
    return injected ? new RuleInjection(this, random, account, this.#injections++) : undefined
  }

  /** Returns the draws with which `inject` would decide, without counting anything. */
  preview(nowMs: number, ...key: (string | number)[]): { share: number; drawn: number; drawnMs: number | undefined } {
    const random = this.#random.fork(...key)
    const drawnMs = this.distribution && drawMs(this.distribution, random, this.#injections, 0)
    return { share: this.shareAt(nowMs), drawn: drawOf(random), drawnMs }
  }

  /** @param wallOffsetMs difference between wall time and monotonic time */
  report(wallOffsetMs: number): FaultRuleReport {
    const { matched, injected, expected } = this.book
    const grows = this.#rampMs > 0 && matched > 0
    const configured = grows ? expected / matched : this.shareAt(this.#clock.now())
    const interval = wilsonInterval(injected, matched, LEVEL)
    const delay = this.book.reportDelay()
    return {
      rule: this.definition,
      source: this.source,
      setAt: this.#setAtMs + wallOffsetMs,
      ...(this.endsAtMs !== Number.POSITIVE_INFINITY && { endsAt: this.endsAtMs + wallOffsetMs }),
      matched,
      injected,
      share: {
        configured,
        observed: matched === 0 ? 0 : injected / matched,
        interval,
        agrees: configured >= interval.low && configured <= interval.high,
      },
      ...(delay && { delay }),
    }
  }
}

/** Draws the number that the share is compared with. */
function drawOf(random: Random): number {
  return random.fork('share').next()
}

/** Draws a time. A replay takes the next time of its trace, whatever the key. */
function drawMs(distribution: Distribution, random: Random, injections: number, ordinal: number): number {
  return distribution.sample(random.fork('time', ordinal), injections + ordinal)
}

class RuleInjection implements Injection {
  readonly rule: ActiveRule
  readonly fault: Fault
  readonly random: Random
  readonly #book: FaultBook
  readonly #account: FaultsBook
  readonly #injectionsBefore: number

  constructor(rule: ActiveRule, random: Random, account: FaultsBook, injectionsBefore: number) {
    this.rule = rule
    this.fault = rule.fault
    this.random = random
    this.#book = rule.book
    this.#account = account
    this.#injectionsBefore = injectionsBefore
  }

  drawMs(ordinal = 0, distribution = this.rule.distribution): number {
    return distribution === undefined ? 0 : drawMs(distribution, this.random, this.#injectionsBefore, ordinal)
  }

  delayed(plannedMs: number, actualMs: number): void {
    this.#book.delayed(plannedMs, actualMs)
    this.#account.delayed(this.rule, plannedMs, actualMs)
  }
}

/** The counts of one rule since it was set or its counts were reset. */
class FaultBook extends DecisionCounts {
  /** Created on demand, because most rules never delay. */
  #delays: DelayHistograms | undefined
  /** Absolute differences between the planned and the actual delays. */
  #errors: Histogram | undefined

  delayed(plannedMs: number, actualMs: number): void {
    ;(this.#delays ??= new DelayHistograms()).record(plannedMs, actualMs)
    ;(this.#errors ??= new Histogram()).record(Math.abs(actualMs - plannedMs))
  }

  reportDelay(): FaultRuleReport['delay'] {
    const { planned, actual } = this.#delays ?? {}
    const error = this.#errors
    return planned && actual && error && { planned: planned.toJSON(), actual: actual.toJSON(), error: error.toJSON() }
  }
}
