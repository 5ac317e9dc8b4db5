import type { ConsumerLag, LagOverTime } from '../../contract/run-deliveries.ts'
import type { TimelinePoint } from '../../contract/run-result.ts'
import type { GroupLag } from '../delivery/group-lag.ts'

/** A group that is fed all the time never has nothing left. */
const CAUGHT_UP_SHARE = 0.01

/**
 * The lag of consumer groups, second by second.
 * @param keyPrefix what the keys of the run's consumers begin with.
 */
export function consumerLag(
  { series, unavailable }: Pick<GroupLag, 'series' | 'unavailable'>,
  keyPrefix: string,
  timeline: readonly TimelinePoint[],
): ConsumerLag {
  const groups = [...series.values()].map(({ stream, group, lag, members, incomplete }) => ({
    stream,
    group,
    ...overTime(lag, timeline),
    members: [...members]
      .map(([key, { partitions, lag }]) => ({
        member: key.startsWith(`${keyPrefix}/`) ? key.slice(keyPrefix.length + 1) : key,
        partitions,
        ...overTime(lag, timeline),
      }))
      .sort((a, b) => b.peak - a.peak || (a.member < b.member ? -1 : 1)),
    incomplete,
  }))
  return unavailable === undefined ? { groups } : { unavailable, groups }
}

function overTime(lag: readonly (number | undefined)[], timeline: readonly TimelinePoint[]): LagOverTime {
  const values = timeline.map((_, second) => lag[second] ?? null)
  const peak = Math.max(0, ...values.map(value => value ?? 0))
  const peakAt = values.indexOf(peak)
  const caughtUpAt = values.findIndex(
    (value, second) => second > peakAt && value !== null && value <= peak * CAUGHT_UP_SHARE,
  )
  const msOf = (second: number) => timeline[second]?.atMs ?? 0
  return {
    peak,
    peakAtMs: msOf(peakAt),
    atEnd: values.findLast(value => value !== null) ?? 0,
    ...(peak > 0 && caughtUpAt !== -1 && { caughtUpAfterMs: msOf(caughtUpAt) - msOf(peakAt) }),
    values,
  }
}
