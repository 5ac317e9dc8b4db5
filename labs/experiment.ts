import type { FaultRule } from '../contract/faults/rule.ts'
import type { LedgerReport, OperationAccount } from '../contract/ledger.ts'
import { Histogram } from '../core/histogram.ts'
import type { IncompleteResult } from '../harness/results/complete.ts'
import type { Scenario } from '../harness/scenario.ts'
import { trial, withRules } from '../calibration/trial.ts'
import type { LabBench, LabSetting } from './lab.ts'

/** One run of a lab, as both ends recorded it. */
export interface Experiment {
  result: IncompleteResult
  ledger: LedgerReport
}

/** Runs a scenario while the target has these rules. @throws Error when the run was not completed */
export function experiment(
  bench: LabBench,
  name: string,
  rules: readonly FaultRule[],
  definition: Scenario,
): Promise<Experiment> {
  return withRules(bench, rules, () => trial(bench, name, definition))
}

/** A request that costs the target little, so that nearly all of its time is injected. */
export const PRODUCT = '/api/v1/products/1'

/** Length of each run of a lab. */
export function length(seconds: number, min = 1): LabSetting {
  return { label: 'length of a run', unit: 's', value: seconds, min, max: 600 }
}

/** Returns what the ledger knows of the requests for a product. */
export function productAccount({ ledger }: Experiment): OperationAccount {
  const account = ledger.operations.find(({ operation }) => operation === 'products.get')
  if (account === undefined) throw new Error('the ledger has no requests for a product')
  return account
}

/** Returns how long the target took for each product, until the last byte. */
export function productTimes(of: Experiment): Histogram {
  return Histogram.fromJSON(productAccount(of).lastByte)
}

/** Returns the length of the run at the target, from its first arrival to its last answer, in ms. */
export function ledgerMs({ ledger: { firstAt = 0, lastAt = 0 } }: Experiment): number {
  return Math.max(1, lastAt - firstAt)
}
