import type { Second } from '../metrics/measurements.ts'
import type { ObservedServers } from '../server/server-observer.ts'
import { knownValues } from './known-values.ts'
import { type Saturation, saturationOf } from './saturation.ts'
import { alignedWith, type ServerSeries, type ServerSource } from './server-series.ts'
import type { TimelinePoint } from './timeline.ts'

/** Metrics of the servers themselves, as they said during the run. */
export interface ServerMetrics {
  /** The target itself if it is one of Loadcell’s, then the endpoints of `--observe`. */
  sources: ServerSource[]
  /** Series that have at least one value. */
  series: ServerSeries[]
  /** The resource that reached its limit first. */
  saturation: Saturation
}

export interface ServerEvidence extends ObservedServers {
  /** Why the target’s own metrics are unknown. */
  targetUnknown: string | undefined
}

/** Returns the metrics that the servers reported, and the resource that saturated first. Pure. */
export function serverMetricsOf(
  { targetUnknown, ...observed }: ServerEvidence,
  {
    seconds,
    timeline,
    sharedCores,
  }: { seconds: readonly Second[]; timeline: readonly TimelinePoint[]; sharedCores: number | undefined },
): ServerMetrics {
  const { sources, series } = alignedWith(seconds, observed)
  const failed = sources.find(({ problem }) => problem !== undefined)
  const problem = failed?.problem && `${failed.source}: ${failed.problem.detail}`
  const unknown =
    // A reader who asked for endpoints knows of them.
    targetUnknown === undefined || sources.length > 0
      ? undefined
      : `the target’s own metrics are unknown, because ${targetUnknown}`
  return {
    sources,
    series: series.map(({ values, ...named }) => ({ ...named, ...knownValues(values) })),
    saturation: saturationOf({ timeline, series, sharedCores, problem: problem ?? unknown }),
  }
}
