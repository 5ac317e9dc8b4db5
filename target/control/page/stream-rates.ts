import type { StreamNow, StreamsNow } from '../../../contract/target-page.ts'
import type { ConsumerGroup } from '../../streams/consumer-group.ts'
import { lagOf } from '../../streams/stats.ts'
import type { Stream } from '../../streams/stream.ts'

const MOST_STREAMS = 8
const MOST_PARTITIONS = 16
const MOST_GROUPS = 6

/** Events per second of streams, and how far their groups are behind, between readings. */
export class StreamRates {
  #before = new WeakMap<Stream, number>()

  /** @param seconds time since the previous call */
  take(all: Iterable<[tenant: string, stream: Stream]>, seconds: number): StreamsNow {
    const found: { tenant: string; stream: Stream; perSecond: number }[] = []
    for (const [tenant, stream] of all) {
      const accepted = stream.history.endOrdinal
      const perSecond = Math.max(0, accepted - (this.#before.get(stream) ?? accepted)) / seconds
      this.#before.set(stream, accepted)
      if (accepted > 0 || stream.followers > 0 || stream.groupCount > 0) found.push({ tenant, stream, perSecond })
    }
    found.sort((a, b) => b.perSecond - a.perSecond || b.stream.followers - a.stream.followers)
    const shown = found
      .slice(0, MOST_STREAMS)
      .map(({ tenant, stream, perSecond }) => streamNow(tenant, stream, perSecond))
    const groups = found.reduce((sum, { stream }) => sum + stream.groupCount, 0)
    return { streams: shown, streamsNotShown: found.length - shown.length, groups, lag: lagOfAll(found) }
  }
}

function streamNow(tenant: string, stream: Stream, acceptedPerSecond: number): StreamNow {
  const partitions = Math.min(stream.partitions, MOST_PARTITIONS)
  const groups = stream.groups.map(group => groupNow(stream, group)).sort((a, b) => b.lag - a.lag)
  return {
    tenant,
    stream: stream.name,
    followers: stream.followers,
    accepted: stream.history.endOrdinal,
    acceptedPerSecond,
    partitions: Array.from({ length: partitions }, (_, partition) => ({
      first: stream.firstOffset(partition),
      next: stream.nextOffset(partition),
    })),
    partitionsNotShown: stream.partitions - partitions,
    groups: groups.slice(0, MOST_GROUPS),
    groupsNotShown: Math.max(0, stream.groupCount - MOST_GROUPS),
  }
}

function lagOfAll(found: readonly { stream: Stream }[]): number {
  let lag = 0
  for (const { stream } of found) for (const group of stream.groups) lag += lagOf(stream, group.places().entries())
  return lag
}

function groupNow(stream: Stream, group: ConsumerGroup): StreamNow['groups'][number] {
  const lags = group.places().map(({ offset }, partition) => stream.nextOffset(partition) - offset)
  return {
    group: group.name,
    members: [...group.members].length,
    lag: lags.reduce((sum, lag) => sum + lag, 0),
    lags: lags.slice(0, MOST_PARTITIONS),
  }
}
