import { runArrivals } from './arrival-rate.ts'
import type { Executor } from './execution.ts'
import type { ConstantArrivalRate } from './plan.ts'

/** Iterations begin at the same rate from beginning to end, however long they take. */
export const constantArrivalRate: Executor<ConstantArrivalRate> = (load, execution) => {
  const { ratePerSecond, durationMs } = load
  return runArrivals(load, ratePerSecond, [{ durationMs, target: ratePerSecond }], execution)
}
