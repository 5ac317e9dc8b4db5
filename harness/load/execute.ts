import { constantArrivalRate, rampingArrivalRate } from './open.ts'
import { constantVus, perVuIterations, rampingVus, sharedIterations } from './closed.ts'
import type { Executor } from './execution.ts'
import type { LoadPlan } from './plan.ts'

/** Runs a load plan with its executor. */
export const execute: Executor<LoadPlan> = (load, execution) => {
  switch (load.executor) {
    case 'constant-vus':
      return constantVus(load, execution)
    case 'ramping-vus':
      return rampingVus(load, execution)
    case 'per-vu-iterations':
      return perVuIterations(load, execution)
    case 'shared-iterations':
      return sharedIterations(load, execution)
    case 'constant-arrival-rate':
      return constantArrivalRate(load, execution)
    case 'ramping-arrival-rate':
      return rampingArrivalRate(load, execution)
  }
}
