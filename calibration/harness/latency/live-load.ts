import type { Load } from '../../../harness/scenario.ts'
import type { HarnessCheckSize } from '../bench.ts'

const sizes = {
  quick: { users: 30, iterations: 8 },
  full: { users: 60, iterations: 170 },
}

/** One user in five is not delayed, and shows what the harness adds. */
export const DELAYED_PER_CONTROL = 4
/** Mean time of the other users between two iterations, so that both meet the same moments. */
export const CONTROL_PACING_MS = 180
/** Header of an opening that is delayed; its value is the pace. */
export const PACE_HEADER = 'x-latency'

/** Returns the load of users who open streams or sockets, and how many of their iterations are delayed. */
export function liveLoad(size: HarnessCheckSize): { load: Load; delayed: number } {
  const { users, iterations } = sizes[size]
  return {
    load: { executor: 'per-vu-iterations', vus: users, iterations, maxDuration: '10m' },
    delayed: (users * iterations * DELAYED_PER_CONTROL) / (DELAYED_PER_CONTROL + 1),
  }
}
