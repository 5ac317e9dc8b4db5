import type { MeasuredRun } from '../bench.ts'

/** Path that each iteration requests once. */
export const REQUESTED = '/api/v1/products/1'

/** Returns how many of these requests arrived at the target. */
export function arrivalsInLedger({ ledger }: Pick<MeasuredRun, 'ledger'>): number {
  return ledger.operations.find(({ operation }) => operation === 'products.get')?.arrivals ?? 0
}
