import { runArrivals } from './arrival-rate.ts'
import type { Executor } from './execution.ts'
import type { RampingArrivalRate } from './plan.ts'

/** Iterations begin at a rate that follows straight lines, however long they take. */
export const rampingArrivalRate: Executor<RampingArrivalRate> = (load, execution) =>
  runArrivals(load, load.startRatePerSecond, load.stages, execution)
