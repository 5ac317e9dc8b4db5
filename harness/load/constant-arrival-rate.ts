import { runArrivals } from './arrival-rate.ts'
import type { Executor } from './floor.ts'
import type { ConstantArrivalRate } from './plan.ts'

/** Iterations begin at the same rate from beginning to end, however long they take. */
export const constantArrivalRate: Executor<ConstantArrivalRate> = (load, floor) => {
  const { ratePerSecond, durationMs } = load
  return runArrivals(load, ratePerSecond, [{ durationMs, target: ratePerSecond }], floor)
}
