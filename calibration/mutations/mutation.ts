import type { KnownOperation } from '../../contract/api/operations.ts'
import type { Fault } from '../../contract/faults/fault.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { Truth } from '../audit/truth.ts'
import type { ScriptTraffic } from './traffic.ts'

/** A way in which a service may break. A script that checks what it gets notices it. */
export interface Mutation {
  id: string
  /** Says in one clause how the service is broken. */
  title: string
  /** Returns how it is done to the service of a script, or the reason why it could not affect this script. */
  plan(traffic: ScriptTraffic): MutationPlan | { reason: string }
  /** Requests or messages that it changed. Default: those that the rules affected. */
  injected?(truth: Truth): number
  /** The check that catches it. */
  check: string
}

export interface MutationPlan {
  rules: readonly MutationRule[]
  /** Settings that the target has meanwhile, as its configuration has them. */
  settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A rule without its id. */
export type MutationRule = Pick<FaultRule, 'share' | 'window' | 'scope'> & {
  operations: readonly KnownOperation[]
  fault: Fault
}

/** Returns the rules of a plan. Decisions depend on the ids of rules, so another seed affects other requests. */
export function rulesOf({ id }: Mutation, { rules }: MutationPlan, seed: number): FaultRule[] {
  return rules.map(({ operations, ...rule }, index) => ({
    id: `mutation.${id}.${seed}.${index}`,
    match: { operation: [...operations] },
    ...rule,
  }))
}

/** Returns the number of requests and messages that the rules of a run affected. */
export function injectedBy(mutation: Mutation, truth: Truth): number {
  return mutation.injected?.(truth) ?? truth.ledger.faults.rules.reduce((sum, { injected }) => sum + injected, 0)
}
