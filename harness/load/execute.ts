import { constantArrivalRate } from './constant-arrival-rate.ts'
import { constantVus } from './constant-vus.ts'
import type { Executor } from './execution.ts'
import { perVuIterations } from './per-vu-iterations.ts'
import type { LoadPlan } from './plan.ts'
import { rampingArrivalRate } from './ramping-arrival-rate.ts'
import { rampingVus } from './ramping-vus.ts'
import { sharedIterations } from './shared-iterations.ts'

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
