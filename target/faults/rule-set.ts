import type { FaultScope } from '../../contract/faults/fault.ts'
import { operationNames, type OperationName } from '../../contract/api/operations.ts'
import type { ActiveRule } from './active-rule.ts'
import type { SubjectTest } from './matcher.ts'
import type { FaultPlan, Injection } from './injection.ts'
import { decidedBy, type FaultKey, type FaultSubject } from './subject.ts'

/** The rules in force, in order, with indexes to find the matching ones. */
export class RuleSet {
  readonly rules: readonly ActiveRule[]
  readonly #byScope: ReadonlyMap<FaultScope, readonly ActiveRule[]>
  /** Created on demand. */
  readonly #byOperation = new Map<string, OperationRules>()

  constructor(rules: readonly ActiveRule[]) {
    this.rules = rules
    this.#byScope = Map.groupBy(rules, rule => rule.scope)
  }

  /** Returns the plan for a request or a handshake; undefined if no fault is injected. */
  planOf(subject: FaultSubject, nowMs: number): FaultPlan | undefined {
    let plan: Injection[] | undefined
    let key: FaultKey | undefined
    for (const rule of this.candidates(subject)) {
      if (!rule.actsAt(nowMs) || !rule.matcher.fits(subject)) continue
      const injection = rule.inject(subject.faults, ...(key ??= decidedBy(subject)))
      if (injection !== undefined) (plan ??= []).push(injection)
    }
    return plan
  }

  rulesFor(subject: FaultSubject, scope: FaultScope): readonly ActiveRule[] {
    return this.#ofScope(scope).filter(rule => rule.matcher.matches(subject))
  }

  /** Returns the rules that may match this request, in order: every rule that does, and a few others. */
  candidates(subject: FaultSubject): readonly ActiveRule[] {
    let rules = this.#byOperation.get(subject.operation)
    if (rules === undefined) {
      rules = new OperationRules(this.#ofScope('request'), subject.operation as OperationName)
      if (operationNames.includes(subject.operation as OperationName)) this.#byOperation.set(subject.operation, rules)
    }
    return rules.candidates(subject)
  }

  #ofScope(scope: FaultScope): readonly ActiveRule[] {
    return this.#byScope.get(scope) ?? []
  }
}

interface RulePlace {
  rule: ActiveRule
  ordinal: number
}

/** Rules of one operation that test the same part of a subject. The part is read once for all these rules. */
interface Lookup {
  readonly textsOf: SubjectTest['textsOf']
  /** Rules that require certain values. */
  readonly byValue: Map<string, RulePlace[]>
  /** Rules with patterns. */
  readonly asked: { readonly fitsText: SubjectTest['fitsText']; readonly place: RulePlace }[]
}

/** The rules of one operation, indexed by the first part that each of them tests. */
class OperationRules {
  /** Rules without further tests. */
  readonly #always: readonly RulePlace[]
  readonly #alwaysRules: readonly ActiveRule[]
  readonly #lookups: readonly Lookup[]

  constructor(rules: readonly ActiveRule[], operation: OperationName) {
    const always: RulePlace[] = []
    const lookups = new Map<string, Lookup>()
    for (const [ordinal, rule] of rules.entries()) {
      if (!rule.matcher.mayMatch(operation)) continue
      const place = { rule, ordinal }
      // `mayMatch` has tested the method already.
      const tests = rule.matcher.tests.filter(({ what }) => what !== 'method')
      const test = tests.find(({ values }) => values !== undefined) ?? tests[0]
      if (test === undefined) always.push(place)
      else addTo(lookups, test, place)
    }
    this.#always = always
    this.#alwaysRules = always.map(({ rule }) => rule)
    this.#lookups = [...lookups.values()]
  }

  candidates(subject: FaultSubject): readonly ActiveRule[] {
    let found: Set<RulePlace> | undefined
    for (const { textsOf, byValue, asked } of this.#lookups) {
      for (const text of textsOf(subject)) {
        if (text === undefined) continue
        for (const place of byValue.get(text) ?? []) (found ??= new Set(this.#always)).add(place)
        for (const { fitsText, place } of asked) if (fitsText(text)) (found ??= new Set(this.#always)).add(place)
      }
    }
    if (found === undefined) return this.#alwaysRules
    return [...found].sort((a, b) => a.ordinal - b.ordinal).map(({ rule }) => rule)
  }
}

function addTo(lookups: Map<string, Lookup>, { what, textsOf, values, fitsText }: SubjectTest, place: RulePlace): void {
  let lookup = lookups.get(what)
  if (lookup === undefined) lookups.set(what, (lookup = { textsOf, byValue: new Map(), asked: [] }))
  if (values === undefined) lookup.asked.push({ fitsText, place })
  for (const value of new Set(values)) {
    const places = lookup.byValue.get(value)
    if (places === undefined) lookup.byValue.set(value, [place])
    else places.push(place)
  }
}
