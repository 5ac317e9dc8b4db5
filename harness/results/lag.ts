import type { Second } from '../metrics/measurements.ts'
import type { Observations } from '../metrics/observations.ts'
import { type KnownValues, knownValues } from './known-values.ts'

/** As the target reported it once a second: only the target knows what it has not handed over yet. */
export interface ConsumerLag {
  /** Why some groups have none. */
  unavailable?: string
  groups: GroupLag[]
}

/** In events that the stream had accepted and the target had not yet handed over. */
export interface GroupLag extends LagOverTime {
  stream: string
  group: string
  /** Highest lag first; at most 32. */
  members: MemberLag[]
  /** There were more members. */
  incomplete: boolean
}

export interface MemberLag extends LagOverTime {
  /** Name of its user, and ordinals. */
  member: string
  /** Its partitions at the end. */
  partitions: number[]
}

/** By point of the timeline, where the target was asked and answered. */
export interface LagOverTime extends KnownValues {
  peak: number
  peakAtMs: number
  atEnd: number
  /** From the peak to the first second with at most a hundredth of it; absent if there was none. */
  caughtUpAfterMs?: number
}

/** A group with a constant inflow never reaches zero. */
const CAUGHT_UP_SHARE = 0.01

/**
 * Returns the lag of consumer groups, second by second.
 * @param keyPrefix prefix of the keys of the run's consumers
 */
export function consumerLag(
  { lag, lagUnavailable }: Pick<Observations, 'lag' | 'lagUnavailable'>,
  keyPrefix: string,
  seconds: readonly Pick<Second, 'second' | 'toMs'>[],
): ConsumerLag {
  const inOrder = [...lag].sort(([a], [b]) => (a < b ? -1 : 1))
  const groups = inOrder.map(([, { stream, group, lag, members, incomplete }]) => ({
    stream,
    group,
    ...overTime(lag, seconds),
    members: [...members]
      .map(([key, { partitions, lag }]) => ({
        member: key.startsWith(`${keyPrefix}/`) ? key.slice(keyPrefix.length + 1) : key,
        partitions,
        ...overTime(lag, seconds),
      }))
      .sort((a, b) => b.peak - a.peak || (a.member < b.member ? -1 : 1)),
    incomplete,
  }))
  return lagUnavailable === undefined ? { groups } : { unavailable: lagUnavailable, groups }
}

function overTime(
  lag: readonly (number | undefined)[],
  seconds: readonly Pick<Second, 'second' | 'toMs'>[],
): LagOverTime {
  const values = seconds.map(({ second }) => lag[second] ?? null)
  const peak = Math.max(0, ...values.map(value => value ?? 0))
  const peakAt = values.indexOf(peak)
  const caughtUpAt = values.findIndex(
    (value, index) => index > peakAt && value !== null && value <= peak * CAUGHT_UP_SHARE,
  )
  const msOf = (index: number) => seconds[index]?.toMs ?? 0
  return {
    peak,
    peakAtMs: msOf(peakAt),
    atEnd: values.findLast(value => value !== null) ?? 0,
    ...(peak > 0 && caughtUpAt !== -1 && { caughtUpAfterMs: msOf(caughtUpAt) - msOf(peakAt) }),
    ...knownValues(values),
  }
}
