import type { GroupStats, PartitionStats, StreamStats, StreamSummary } from '../../contract/api/streams.ts'
import type { ConsumerGroup, PartitionPlace } from './consumer-group.ts'
import type { Stream } from './stream.ts'
import type { Tenant } from './tenant.ts'

export function summaryOf({ name, partitions, history, followers, groupCount }: Stream): StreamSummary {
  const { endOrdinal: accepted, length: kept, bytes } = history
  return { stream: name, partitions, accepted, kept, bytes, subscribers: followers, groups: groupCount }
}

/** Returns the state of a stream and of its consumer groups. */
export function statsOf(tenant: Tenant, stream: Stream): StreamStats {
  const { history } = stream
  return {
    stream: stream.name,
    epoch: tenant.epoch,
    cursor: tenant.cursor(tenant.sequence),
    accepted: history.endOrdinal,
    kept: history.length,
    bytes: history.bytes,
    subscribers: stream.followers,
    evicted: { ...history.evicted },
    partitions: Array.from({ length: stream.partitions }, (_, partition) => partitionStats(stream, partition)),
    groups: stream.groups.map(group => groupStats(stream, group)),
  }
}

/** Returns the number of events of these partitions that were accepted but not handed over yet. */
export function lagOf(stream: Stream, places: Iterable<readonly [partition: number, place: PartitionPlace]>): number {
  let lag = 0
  for (const [partition, { offset }] of places) lag += stream.nextOffset(partition) - offset
  return lag
}

function partitionStats(stream: Stream, partition: number): PartitionStats {
  const accepted = stream.nextOffset(partition)
  return {
    partition,
    first_offset: stream.firstOffset(partition),
    next_offset: accepted,
    kept: stream.history.keptOf(partition),
    accepted,
    share: accepted === 0 ? 0 : accepted / stream.history.endOrdinal,
  }
}

function groupStats(stream: Stream, group: ConsumerGroup): GroupStats {
  const places = group.places()
  return {
    group: group.name,
    members: [...group.members].map(([member, partitions]) => ({
      key: member.key,
      partitions: [...partitions].sort((a, b) => a - b),
      lag: lagOf(
        stream,
        [...partitions].map(partition => [partition, places[partition]!] as const),
      ),
    })),
    lag: lagOf(stream, places.entries()),
    partitions: places.map((place, partition) => ({
      partition,
      next_offset: place.offset,
      lag: lagOf(stream, [[partition, place]]),
    })),
  }
}
