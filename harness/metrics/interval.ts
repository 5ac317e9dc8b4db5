import type { GeneratorReading } from './generator-monitor.ts'
import type { LoadSlice } from './load-seconds.ts'
import type { Observations } from './observations.ts'
import type { Snapshot } from './snapshot.ts'

/** A worker's part of a run: the arrivals and users whose ordinal leaves the remainder `index` when divided by `of`. */
export interface Share {
  index: number
  of: number
}

export const wholeRun: Share = { index: 0, of: 1 }

export function isOwn(ordinal: number, { index, of }: Share): boolean {
  return ordinal % of === index
}

/** Returns how many of the first `count` ordinals belong to the share. */
export function sizeOf({ index, of }: Share, count: number): number {
  return Math.max(0, Math.ceil((count - index) / of))
}

/** Numbers of a worker at a moment. */
export interface Present {
  streams: number
  sockets: number
  /** Users that have completed their `begin` so far. */
  begunUsers: number
}

/** Measurements of one worker in a second of the run, or in a part of it. Times are offsets from the start of the run. */
export interface Interval {
  /** Ordinal of the second; negative in a run that ended before it began. */
  second: number
  worker: number
  /** Place of the worker, which all of its samples have. The coordinator sets it. */
  place?: string | undefined
  fromMs: number
  toMs: number
  /** Samples recorded in the interval. They are lent: a sink that keeps them must merge or encode them before it returns. */
  delta: Snapshot
  /** Arrivals of an open model that were due. */
  offered: number
  /** Highest numbers at once. */
  gauges: { users: number; streams: number; sockets: number }
  /** Numbers at its end; absent in what the coordinator itself adds. */
  present?: Present
  /** One for each load of a run with `loads`. */
  loads?: readonly LoadSlice[]
  /** Absent in an interval that only completes a second. */
  generator?: GeneratorReading
  /** In the last interval of a worker. */
  observations?: Observations
}

/** Takes the intervals of a worker, one about every second. */
export type Sink = (interval: Interval) => void
