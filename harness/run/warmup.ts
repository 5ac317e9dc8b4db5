import type { Distribution } from '../../core/distributions/distribution.ts'
import { uniform } from '../../core/distributions/closed-form.ts'
import { isOpen, type LoadPlan, peakOf } from '../load/plan.ts'
import type { UserPlan } from '../user/user-kind.ts'
import type { Plan } from '../plan/plan.ts'

/** Suffix of the run id and the consumer groups of a warm-up. */
export const WARMUP_SUFFIX = '~warmup'

const MOST_USERS = 10
const MOST_PER_SECOND = 1000
const LONGEST_PAUSE_MS = 50
const GRACE_MS = 3000

/**
 * Returns a small run of the same users, so that the hot paths of both ends are compiled before the run: enough iterations
 * for that, with a load that harms no target. All loads of the run are warmed up at once.
 */
export function warmupPlan(plan: Plan): Plan {
  return {
    ...plan,
    loads: plan.loads.map(({ users, load, ...rest }) => ({
      ...rest,
      startMs: 0,
      load: warmupLoad(load, plan.warmupMs, plan.loads.length),
      users: users.map(shortened),
    })),
    plannedMs: plan.warmupMs,
    thresholds: [],
  }
}

/** @param loads number of loads that are warmed up at once, which share the rate */
function warmupLoad(load: LoadPlan, durationMs: number, loads: number): LoadPlan {
  const gracefulStopMs = Math.min(load.gracefulStopMs, GRACE_MS)
  if (isOpen(load)) {
    const { arrivals, timeUnitMs, preAllocatedVUs, maxVUs } = load
    const ratePerSecond = Math.min(peakOf(load), MOST_PER_SECOND) / loads
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

function shortened(user: UserPlan): UserPlan {
  return { ...user, think: user.think && shorten(user.think), pacing: user.pacing && shorten(user.pacing) }
}

function shorten(pause: Distribution): Distribution {
  return pause.meanMs <= LONGEST_PAUSE_MS ? pause : uniform(0, LONGEST_PAUSE_MS)
}
