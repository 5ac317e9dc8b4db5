import { type FanOutReceipts, mergeReceipts, noReceipts } from './fan-out-receipts.ts'
import { mergeSlowest, type SlowRequest } from './slowest.ts'

/** An action on the target, or on the run, while it goes on. */
export interface Mark {
  /** When it began, as an offset from the start of the run. */
  atMs: number
  label: string
  /** The result, in a sentence. */
  detail: string
  /** Present if the run itself was changed, and not its target. */
  source?: 'live control'
}

export interface ConsumerCount {
  key: string
  received: number
}

/** A connection that broke. Times are offsets from the start of the run. */
export interface Break {
  readonly worker: number
  /** Number of the stream or socket among those of its worker, which may break more than once. */
  readonly connection: number
  /** Name of the user it belonged to. */
  readonly who: string
  readonly brokenAtMs: number
  /** Time when it was open again. */
  backAtMs: number | undefined
}

/** Lag of a consumer group, second by second, as reported by the target. */
export interface LagSeries {
  stream: string
  group: string
  /** Events accepted and not yet delivered, by second; undefined where nothing was requested or answered. */
  lag: (number | undefined)[]
  members: Map<string, MemberLagSeries>
  /** Some members were left out. */
  incomplete: boolean
}

export interface MemberLagSeries {
  partitions: number[]
  lag: (number | undefined)[]
}

/** Observations of a worker in a run, besides its metrics. */
export interface Observations {
  consumers: readonly ConsumerCount[]
  /** Number of further consumers. */
  consumersNotKept: number
  breaks: readonly Break[]
  marks: readonly Mark[]
  /** By tenant, stream and group. */
  lag: ReadonlyMap<string, LagSeries>
  /** Why the lag of some groups is not known. */
  lagUnavailable: string | undefined
  receipts: FanOutReceipts
  /** Slowest first; empty in a run without traces. */
  slowest: readonly SlowRequest[]
}

export const nothingObserved: Observations = {
  consumers: [],
  consumersNotKept: 0,
  breaks: [],
  marks: [],
  lag: new Map(),
  lagUnavailable: undefined,
  receipts: noReceipts,
  slowest: [],
}

/** The default bound of the target's ledger. */
export const MOST_CONSUMERS = 20_000
/** Enough for a reconnect storm of all connections that one machine can hold. */
export const MOST_BREAKS = 100_000

/** Returns what both observed. The order of merges does not matter, because each list is sorted before it is cut. */
export function mergeObservations(one: Observations, other: Observations): Observations {
  const received = new Map<string, number>()
  for (const { key, received: count } of [...one.consumers, ...other.consumers])
    received.set(key, (received.get(key) ?? 0) + count)
  const consumers = [...received].map(([key, received]) => ({ key, received })).sort((a, b) => (a.key < b.key ? -1 : 1))
  const reasons = [one.lagUnavailable, other.lagUnavailable].filter(reason => reason !== undefined).sort()
  return {
    consumers: consumers.slice(0, MOST_CONSUMERS),
    consumersNotKept: one.consumersNotKept + other.consumersNotKept + Math.max(0, consumers.length - MOST_CONSUMERS),
    breaks: [...one.breaks, ...other.breaks]
      .sort((a, b) => a.brokenAtMs - b.brokenAtMs || a.worker - b.worker || a.connection - b.connection)
      .slice(0, MOST_BREAKS),
    marks: [...one.marks, ...other.marks].sort((a, b) => a.atMs - b.atMs || (a.label < b.label ? -1 : 1)),
    lag: mergeMaps(one.lag, other.lag, mergeLag),
    lagUnavailable: reasons[0],
    receipts: mergeReceipts(one.receipts, other.receipts),
    slowest: mergeSlowest(one.slowest, other.slowest),
  }
}

function mergeLag(one: LagSeries, other: LagSeries): LagSeries {
  return {
    ...one,
    lag: highest(one.lag, other.lag),
    members: mergeMaps(one.members, other.members, mergeMemberLag),
    incomplete: one.incomplete || other.incomplete,
  }
}

/** The target tells every worker the same. If two answers of a second differ, the higher one counts. */
function mergeMemberLag(one: MemberLagSeries, other: MemberLagSeries): MemberLagSeries {
  const [earlier, later] = [one, other].sort(
    (a, b) => a.lag.length - b.lag.length || (String(a.partitions) < String(b.partitions) ? -1 : 1),
  ) as [MemberLagSeries, MemberLagSeries]
  return { partitions: later.partitions, lag: highest(earlier.lag, later.lag) }
}

function highest(one: LagSeries['lag'], other: LagSeries['lag']): LagSeries['lag'] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, second) => {
    const values = [one[second], other[second]].filter(value => value !== undefined)
    return values.length === 0 ? undefined : Math.max(...values)
  })
}

function mergeMaps<Value>(
  one: ReadonlyMap<string, Value>,
  other: ReadonlyMap<string, Value>,
  merge: (one: Value, other: Value) => Value,
): Map<string, Value> {
  const merged = new Map(one)
  for (const [key, value] of other) {
    const known = merged.get(key)
    merged.set(key, known === undefined ? value : merge(known, value))
  }
  return merged
}
