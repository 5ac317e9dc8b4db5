import { CompactHistogram } from '../../core/compact-histogram.ts'
import type { Snapshot } from './snapshot.ts'

/** A worker's numbers of one load in an interval, which its samples do not hold. */
export interface LoadSlice {
  load: string
  /** Arrivals of an open model that were due. */
  offered: number
  /** Highest number of active users at once. */
  users: number
  /** Active users at the end of the interval. */
  activeUsers: number
  /** When the last of its users had ended, as an offset from the start of the run; absent before. */
  endedMs?: number
}

/** One load in a second of the run, over all workers. */
export interface LoadSecond {
  offered: number
  dropped: number
  iterations: number
  sendDelay: CompactHistogram
  /** Highest number of active users at once, by worker. */
  users: ReadonlyMap<number, number>
  /** When the last of its users had ended; −∞ before. */
  endedMs: number
}

export type LoadSeconds = ReadonlyMap<string, LoadSecond>

/** Returns the loads in an interval of a worker. */
export function loadSecondsOf(
  readings: readonly LoadSlice[],
  delta: Snapshot,
  { worker, mostBuckets }: { worker: number; mostBuckets: number },
): LoadSeconds {
  return new Map(
    readings.map(({ load, offered, users, endedMs = Number.NEGATIVE_INFINITY }) => [
      load,
      {
        offered,
        dropped: delta.total('dropped_iterations', { load }),
        iterations: delta.total('iterations', { load }),
        sendDelay: CompactHistogram.sum(
          delta.select('send_delay', { load }).map(({ value }) => value.histogram),
          mostBuckets,
        ),
        users: new Map([[worker, users]]),
        endedMs,
      },
    ]),
  )
}

/** Returns the sum of two parts of a second. No peak of a worker may be missing in a chart. */
export function mergeLoadSeconds(one: LoadSeconds, other: LoadSeconds, mostBuckets: number): LoadSeconds {
  const merged = new Map(one)
  for (const [load, added] of other) {
    const known = merged.get(load)
    if (known === undefined) {
      merged.set(load, added)
      continue
    }
    const users = new Map(known.users)
    for (const [worker, count] of added.users) users.set(worker, Math.max(count, users.get(worker) ?? 0))
    merged.set(load, {
      offered: known.offered + added.offered,
      dropped: known.dropped + added.dropped,
      iterations: known.iterations + added.iterations,
      sendDelay: known.sendDelay.merge(added.sendDelay, mostBuckets),
      users,
      endedMs: Math.max(known.endedMs, added.endedMs),
    })
  }
  return merged
}

/** Returns the same with coarser times, for a run that got longer. */
export function loadSecondsWithin(loads: LoadSeconds, mostBuckets: number): LoadSeconds {
  if (loads.size === 0) return loads
  return new Map(
    Array.from(loads, ([load, second]) => [load, { ...second, sendDelay: second.sendDelay.within(mostBuckets) }]),
  )
}
