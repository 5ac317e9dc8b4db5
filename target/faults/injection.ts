import type { FaultOf, FaultScope, faultScopes, FaultType } from '../../contract/faults/fault.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Random } from '../../core/random.ts'
import type { ActiveRule } from './active-rule.ts'

/** A rule whose fault is injected, with the draws of this injection: the same seed and key, the same draws. */
export interface Injection<Type extends FaultType = FaultType> {
  readonly rule: ActiveRule
  readonly fault: FaultOf<Type>
  readonly random: Random
  /**
   * How long the fault's own distribution says: of a delay, a stall, a service, the time to a disconnect; 0 if it has none.
   * If one exchange has several times, each has an ordinal. A station has the distribution of the rule that gives its numbers.
   */
  drawMs(ordinal?: number, distribution?: Distribution): number
  /** A fault that takes time is over: told to the rule's book and to the run's. */
  delayed(plannedMs: number, actualMs: number): void
}

/** The types of the faults that have this scope. */
export type FaultTypeIn<Scope extends FaultScope> = {
  [Type in FaultType]: Scope extends (typeof faultScopes)[Type][number] ? Type : never
}[FaultType]

/** The decisions for one exchange, connection or message, in the order of the rules; never empty. */
export type FaultPlan = readonly Injection[]
