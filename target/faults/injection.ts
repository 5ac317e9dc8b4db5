import type { FaultOf, FaultScope, faultScopes, FaultType } from '../../contract/faults/fault.ts'
import type { Distribution } from '../../core/distributions/distribution.ts'
import type { Random } from '../../core/random.ts'
import type { ActiveRule } from './active-rule.ts'

/** The injection of a rule's fault. Equal seeds and keys give equal draws. */
export interface Injection<Type extends FaultType = FaultType> {
  readonly rule: ActiveRule
  readonly fault: FaultOf<Type>
  readonly random: Random
  /**
   * Draws a time from the distribution of the fault; 0 if it has none. If an exchange needs several times, each has an
   * ordinal. A rule that only names a station passes the distribution of the rule that defines it.
   */
  drawMs(ordinal?: number, distribution?: Distribution): number
  /** Records a delay in the counts of the rule and of the run. */
  delayed(plannedMs: number, actualMs: number): void
}

/** The types of the faults that have this scope. */
export type FaultTypeIn<Scope extends FaultScope> = {
  [Type in FaultType]: Scope extends (typeof faultScopes)[Type][number] ? Type : never
}[FaultType]

/** The decisions for one exchange, connection or message, in the order of the rules; never empty. */
export type FaultPlan = readonly Injection[]
