import type { LoadChange } from '../load/load-course.ts'
import { isOpen } from '../load/plan.ts'
import type { RunLoad } from '../load/run-load.ts'
import type { Second } from '../metrics/measurements.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import { describeLoad } from '../plan/words.ts'
import { mostUsers, timesOfLoads } from './load-times.ts'
import { perSecond } from './totals.ts'
import { summarise, type TrendSummary } from './trend-summary.ts'

/** One load of a run with `loads`. */
export interface LoadRow {
  load: string
  inWords: string
  /** When it ran, as offsets from the start of the run. */
  fromMs: number
  toMs: number
  peakUsers: number
  /** Open models: arrivals that were due, and those that found no user. */
  arrivals?: { due: number; dropped: number }
  iterations: number
  iterationsPerSecond: number
  lost: { failed: number; interrupted: number; dropped: number }
  iteration: TrendSummary
  requests: number
  requestsPerSecond: number
  failed: number
  response: TrendSummary
  sendDelay: TrendSummary
  /** By point of the timeline. */
  overTime: LoadOverTime
}

export interface LoadOverTime {
  /** Peak of each second. */
  users: number[]
  iterationsPerSecond: number[]
  /** Arrivals that were due; absent in closed models. */
  offeredPerSecond?: number[]
}

interface RowSource {
  seconds: readonly Second[]
  snapshot: Snapshot
  durationMs: number
  changes?: readonly LoadChange[] | undefined
}

/** Returns a row for each load that has a name. Its rates are over the time in which it ran, without its pauses. */
export function loadRows(loads: readonly RunLoad[], { seconds, snapshot, durationMs, changes }: RowSource): LoadRow[] {
  const times = timesOfLoads(loads, seconds, durationMs, changes)
  return loads.flatMap(({ name, load: plan }) => {
    if (name === undefined) return []
    const load = name
    const { fromMs, toMs, pausedMs } = times.get(load) ?? { fromMs: 0, toMs: 0, pausedMs: 0 }
    const ratedMs = toMs - fromMs - pausedMs
    const overTime = loadOverTime(load, seconds)
    const dropped = snapshot.total('dropped_iterations', { load })
    const due = seconds.reduce((sum, { loads }) => sum + (loads.get(load)?.offered ?? 0), 0)
    const iterations = snapshot.total('iterations', { load })
    const requests = snapshot.total('http_reqs', { load })
    const { offeredPerSecond, ...others } = overTime
    return [
      {
        load,
        inWords: describeLoad(plan),
        fromMs,
        toMs,
        peakUsers: Math.max(0, ...overTime.users),
        ...(isOpen(plan) && { arrivals: { due, dropped } }),
        iterations,
        iterationsPerSecond: perSecond(iterations, ratedMs),
        lost: {
          failed: snapshot.total('iterations_failed', { load }),
          interrupted: snapshot.total('iterations_interrupted', { load }),
          dropped,
        },
        iteration: summarise(snapshot.histogram('iteration_duration', { load })),
        requests,
        requestsPerSecond: perSecond(requests, ratedMs),
        failed: snapshot.hits('http_req_failed', { load }),
        response: summarise(snapshot.histogram('http_req_duration', { load })),
        sendDelay: summarise(snapshot.histogram('send_delay', { load })),
        overTime: isOpen(plan) ? { ...others, offeredPerSecond } : others,
      },
    ]
  })
}

function loadOverTime(load: string, seconds: readonly Second[]): Required<LoadOverTime> {
  const rates = (count: 'iterations' | 'offered') =>
    seconds.map(({ loads, fromMs, toMs }) => perSecond(loads.get(load)?.[count] ?? 0, Math.max(toMs - fromMs, 1)))
  return {
    users: seconds.map(second => mostUsers(second, load)),
    iterationsPerSecond: rates('iterations'),
    offeredPerSecond: rates('offered'),
  }
}
