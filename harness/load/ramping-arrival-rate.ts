import { runArrivals } from './arrival-rate.ts'
import type { Executor } from './floor.ts'
import type { RampingArrivalRate } from './plan.ts'

/** Iterations begin at a rate that follows straight lines, however long they take. */
export const rampingArrivalRate: Executor<RampingArrivalRate> = (load, floor) =>
  runArrivals(load, load.startRatePerSecond, load.stages, floor)
