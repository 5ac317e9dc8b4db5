import type { Distribution } from '../../core/distributions/distribution.ts'
import { uniform } from '../../core/distributions/closed-form.ts'
import { isOpen, type LoadPlan, peakOf } from '../load/plan.ts'
import type { Plan } from '../plan/plan.ts'

const MOST_USERS = 10
const MOST_PER_SECOND = 1000
const LONGEST_PAUSE_MS = 50
const GRACE_MS = 3000

/**
 * Returns a small run of the same users, so that the hot paths of both ends are compiled before the run: enough iterations
 * for that, with a load that harms no target.
 */
export function warmupPlan(plan: Plan): Plan {
  return {
    ...plan,
    load: warmupLoad(plan.load, plan.warmupMs),
    plannedMs: plan.warmupMs,
    thresholds: [],
    users: plan.users.map(user => ({
      ...user,
      think: user.think && shorten(user.think),
      pacing: user.pacing && shorten(user.pacing),
    })),
  }
}

function warmupLoad(load: LoadPlan, durationMs: number): LoadPlan {
  const gracefulStopMs = Math.min(load.gracefulStopMs, GRACE_MS)
  if (isOpen(load)) {
    const { arrivals, timeUnitMs, preAllocatedVUs, maxVUs } = load
    const ratePerSecond = Math.min(peakOf(load), MOST_PER_SECOND)
    const users = { preAllocatedVUs: Math.min(preAllocatedVUs, MOST_PER_SECOND), maxVUs }
    return {
      executor: 'constant-arrival-rate',
      ratePerSecond,
      durationMs,
      arrivals,
      timeUnitMs,
      gracefulStopMs,
      ...users,
    }
  }
  return { executor: 'constant-vus', vus: Math.min(peakOf(load), MOST_USERS), durationMs, gracefulStopMs }
}

function shorten(pause: Distribution): Distribution {
  return pause.meanMs <= LONGEST_PAUSE_MS ? pause : uniform(0, LONGEST_PAUSE_MS)
}
