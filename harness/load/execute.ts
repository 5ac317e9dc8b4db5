import { perVuIterations, rampUsers, sharedIterations } from './closed.ts'
import type { Executor } from './execution.ts'
import { runArrivals } from './open.ts'
import type { LoadPlan } from './plan.ts'

/** Runs a load plan with its executor. */
export const execute: Executor<LoadPlan> = (load, execution) => {
  switch (load.executor) {
    case 'constant-vus': {
      const { vus, durationMs, gracefulStopMs } = load
      const line = { startVUs: vus, stages: [{ durationMs, target: vus }], gracefulRampDownMs: gracefulStopMs }
      return rampUsers({ executor: 'ramping-vus', ...line, gracefulStopMs }, execution)
    }
    case 'ramping-vus':
      return rampUsers(load, execution)
    case 'per-vu-iterations':
      return perVuIterations(load, execution)
    case 'shared-iterations':
      return sharedIterations(load, execution)
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return runArrivals(load, execution)
  }
}
