import type { Second } from '../metrics/measurements.ts'
import type { KnownValues } from './known-values.ts'
import type { ObservedSeries, ObservedServers } from '../server/server-observer.ts'

/** Something that was sampled during the run. */
export interface ServerSource {
  /** `target`, or the URL of an endpoint without secrets. */
  source: string
  kind: 'loadcell' | 'prometheus'
  /** Samples that were answered, and those that were not, or not in time: gaps. */
  answered: number
  failed: number
  /** The first failure, as an offset from the start of the run. */
  problem?: { atMs: number; detail: string }
  /** Chosen series that never were there. */
  unmatched: string[]
  /** Number of chosen series that were left out, because there were too many. */
  seriesNotKept: number
  /** Names of some of them. */
  notKept: string[]
}

/** One series, with its unit in its name: `process_cpu_seconds_per_second`. */
interface NamedSeries {
  source: string
  name: string
  labels: Record<string, string>
  /** The highest value that is possible, where that is known. */
  limit?: number
}

/** By point of the timeline, where a sample was answered. */
export interface ServerSeries extends NamedSeries, KnownValues {}

export interface AlignedSeries extends NamedSeries {
  /** One for each point of the timeline; null where there is none. */
  values: (number | null)[]
}

/** Returns what was observed, aligned with the seconds of the run. */
export function alignedWith(
  seconds: readonly Pick<Second, 'second'>[],
  { sources, series }: ObservedServers,
): { sources: ServerSource[]; series: AlignedSeries[] } {
  return {
    sources: sources.map(({ place, kind, answered, failed, problem, unmatched, notKept }) => ({
      source: place,
      kind,
      answered,
      failed,
      ...(problem !== undefined && { problem }),
      unmatched,
      seriesNotKept: notKept.count,
      notKept: notKept.examples,
    })),
    series: series
      .map(each => alignedSeries(seconds, each))
      .filter(({ values }) => values.some(value => value !== null)),
  }
}

function alignedSeries(
  seconds: readonly Pick<Second, 'second'>[],
  { place, name, labels, limit, values }: ObservedSeries,
): AlignedSeries {
  return {
    source: place,
    name,
    labels: { ...labels },
    ...(limit !== undefined && { limit }),
    values: seconds.map(({ second }) => values[second] ?? null),
  }
}
