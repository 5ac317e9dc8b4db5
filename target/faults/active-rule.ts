import { distributionOf, type Fault, faultScopes, type FaultScope } from '../../contract/faults/fault.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { parseDistribution } from '../../contract/parse-distribution.ts'
import type { Distribution } from '../../core/distribution.ts'
import type { Random } from '../../core/random.ts'
import { parseDuration } from '../../core/duration.ts'
import type { FaultsBook } from '../ledger/account.ts'
import { FaultBook } from './fault-book.ts'
import { FaultMatcher } from './matcher.ts'
import type { FaultPlan, Strike } from './plan.ts'
import type { FaultSubject } from './subject.ts'

/** A rule in force, read, with what it has done since it was set. */
export class ActiveRule {
  readonly id: string
  readonly definition: FaultRule
  readonly fault: Fault
  readonly scope: FaultScope
  readonly matcher: FaultMatcher
  /** Of the times that its fault takes. */
  readonly distribution: Distribution | undefined
  /** Times drawn so far: the place in a trace that is replayed. */
  draws = 0
  readonly book = new FaultBook()
  readonly #share: number
  readonly #setAtMs: number
  readonly #windows: readonly { fromMs: number; toMs: number }[] | undefined
  readonly #random: Random

  /** `random` is the seed's; `setAtMs` is of the monotonic clock. */
  constructor(definition: FaultRule, random: Random, setAtMs: number) {
    const { id, match = {}, share = 1, scope, window, fault } = definition
    this.id = id
    this.definition = definition
    this.fault = fault
    this.scope = scope ?? faultScopes[fault.type][0]
    this.matcher = new FaultMatcher(match)
    const distribution = distributionOf(fault)
    this.distribution = distribution === undefined ? undefined : parseDistribution(distribution)
    this.#share = share
    this.#setAtMs = setAtMs
    this.#random = random.fork(id)
    this.#windows =
      window && [window].flat().map(({ from, to }) => ({ fromMs: parseDuration(from), toMs: parseDuration(to) }))
  }

  actsAt(nowMs: number): boolean {
    const ageMs = nowMs - this.#setAtMs
    return this.#windows?.some(({ fromMs, toMs }) => ageMs >= fromMs && ageMs < toMs) ?? true
  }

  /**
   * Whether it strikes what has this key (and ordinal within it): a pure function of seed, rule and key. It is counted
   * here, and in the account of the run.
   */
  strike(account: FaultsBook, ...key: (string | number)[]): Strike | undefined {
    const random = this.#random.fork(...key)
    const struck = this.#share === 1 || random.fork('share').next() < this.#share
    this.book.met(this.#share, struck)
    account.met(this, struck)
    return struck ? new RuleStrike(this, random, account) : undefined
  }
}

class RuleStrike implements Strike {
  readonly rule: ActiveRule
  readonly fault: Fault
  readonly random: Random
  readonly #account: FaultsBook
  /** Of the rule's strikes, in order. */
  readonly #ordinal: number

  constructor(rule: ActiveRule, random: Random, account: FaultsBook) {
    this.rule = rule
    this.fault = rule.fault
    this.random = random
    this.#account = account
    this.#ordinal = rule.book.injected - 1
  }

  drawMs(ordinal = 0, distribution = this.rule.distribution): number {
    return distribution?.sample(this.random.fork('time', ordinal), this.#ordinal + ordinal) ?? 0
  }

  delayed(plannedMs: number, actualMs: number): void {
    this.rule.book.delayed(plannedMs, actualMs)
    this.#account.delayed(this.rule, plannedMs, actualMs)
  }
}

/** What these rules of one scope do to a subject; undefined when none strikes. */
export function planOf(rules: readonly ActiveRule[], subject: FaultSubject, nowMs: number): FaultPlan | undefined {
  let plan: Strike[] | undefined
  for (const rule of rules) {
    if (!rule.actsAt(nowMs) || !rule.matcher.matches(subject)) continue
    const strike = rule.strike(subject.faults, subject.key)
    if (strike !== undefined) (plan ??= []).push(strike)
  }
  return plan
}
