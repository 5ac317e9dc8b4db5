import { constantArrivalRate } from './constant-arrival-rate.ts'
import { constantVus } from './constant-vus.ts'
import type { Executor } from './floor.ts'
import { perVuIterations } from './per-vu-iterations.ts'
import type { LoadPlan } from './plan.ts'
import { rampingArrivalRate } from './ramping-arrival-rate.ts'
import { rampingVus } from './ramping-vus.ts'
import { sharedIterations } from './shared-iterations.ts'

/** Runs a load plan with its executor. */
export const execute: Executor<LoadPlan> = (load, floor) => {
  switch (load.executor) {
    case 'constant-vus':
      return constantVus(load, floor)
    case 'ramping-vus':
      return rampingVus(load, floor)
    case 'per-vu-iterations':
      return perVuIterations(load, floor)
    case 'shared-iterations':
      return sharedIterations(load, floor)
    case 'constant-arrival-rate':
      return constantArrivalRate(load, floor)
    case 'ramping-arrival-rate':
      return rampingArrivalRate(load, floor)
  }
}
