import { BoundedMap } from '../../core/bounded-map.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { ConsumerGroup, type GroupMember, type PartitionPlace } from './consumer-group.ts'
import type { StoredEvent } from './event.ts'
import { History } from './history.ts'
import type { LiveLimits } from './limits.ts'
import type { Subscriber } from './subscriber.ts'

/** A group without members, and the wall time when the last one left. */
interface LeftGroup {
  group: ConsumerGroup
  leftAt: number
}

/** What a stream takes without events, and each of its partitions; the same of a consumer group. Measured, and rounded up. */
const STREAM_BYTES = 2048
const STREAM_PARTITION_BYTES = 32
const GROUP_BYTES = 1024
const GROUP_PARTITION_BYTES = 128

/** A named sequence of events in partitions, with a bounded history and those who listen now. */
export class Stream {
  readonly name: string
  readonly history: History
  readonly subscribers = new Set<Subscriber>()
  /** Who reads it now, whether they listen yet or not. */
  followers = 0
  readonly #limits: LiveLimits
  /** Those with members. */
  readonly #groups = new Map<string, ConsumerGroup>()
  readonly #leftGroups = new BoundedMap<string, LeftGroup>(() => this.#groupMemory.release(this.#groupBytes))
  readonly #nextOffsets: number[]
  #newest = 0
  readonly #memory: MemoryTable
  readonly #groupMemory: MemoryTable

  constructor(name: string, partitions: number, limits: LiveLimits, memory: MemoryBudget) {
    this.name = name
    this.#limits = limits
    this.#memory = memory.table('streams')
    this.#groupMemory = memory.table('groups')
    this.#memory.charge(streamBytes(partitions))
    this.history = new History(partitions, memory.table('histories'))
    this.#nextOffsets = Array.from({ length: partitions }, () => 0)
  }

  get partitions(): number {
    return this.#nextOffsets.length
  }

  /** Sequence of the newest event; 0 before the first. */
  get newest(): number {
    return this.#newest
  }

  /** The offset that the next event of the partition will have. */
  nextOffset(partition: number): number {
    return this.#nextOffsets[partition] as number
  }

  /** The offset of the partition's oldest event that is kept. */
  firstOffset(partition: number): number {
    return this.nextOffset(partition) - this.history.keptOf(partition)
  }

  /** Keeps an event, and gives it to all who listen. Its offset is the next of its partition. */
  append(event: StoredEvent): void {
    this.#nextOffsets[event.partition] = event.offset + 1
    this.#newest = event.sequence
    this.history.append(event)
    this.history.evict(this.#limits.current.retention, event.publishedAt)
    for (const subscriber of this.subscribers) subscriber.offer(event)
  }

  /** Lets go of what has become too old while nothing is published. */
  evict(now: number): void {
    this.history.evict(this.#limits.current.retention, now)
    for (const [name, { leftAt }] of this.#leftGroups) {
      if (now - leftAt < this.#limits.current.groups.ageMs) break
      this.#leftGroups.delete(name)
      this.#groupMemory.release(this.#groupBytes)
    }
  }

  /** Forgets the places of all groups without members, for want of memory; returns whether there were any. */
  shedGroups(): boolean {
    const { size } = this.#leftGroups
    this.#leftGroups.clear()
    this.#groupMemory.release(size * this.#groupBytes)
    return size > 0
  }

  get leftGroupCount(): number {
    return this.#leftGroups.size
  }

  /** Lets go of everything: nobody follows it, and nobody will again. */
  discard(): void {
    this.history.discard()
    this.shedGroups()
    this.#memory.release(streamBytes(this.partitions))
  }

  /** The group of this name, while it has members or its place is kept. */
  group(name: string): ConsumerGroup | undefined {
    return this.#groups.get(name) ?? this.#leftGroups.get(name)?.group
  }

  /** All that are kept, those with members first. */
  get groups(): ConsumerGroup[] {
    return [...this.#groups.values(), ...[...this.#leftGroups].map(([, { group }]) => group)]
  }

  get groupCount(): number {
    return this.#groups.size + this.#leftGroups.size
  }

  /** A group that begins with what is kept after the event with this sequence. */
  newGroup(name: string, after: number): ConsumerGroup {
    const kept = this.#nextOffsets.map(() => 0)
    const { history } = this
    for (let ordinal = history.ordinalAfter(after); ordinal < history.endOrdinal; ordinal += 1) {
      kept[history.at(ordinal)!.partition]! += 1
    }
    const places = kept.map((count, partition): PartitionPlace => {
      const offset = this.nextOffset(partition) - count
      return { offset, after, offeredUntil: offset }
    })
    return new ConsumerGroup(name, places)
  }

  joinGroup(group: ConsumerGroup, member: GroupMember): void {
    if (this.group(group.name) === undefined) this.#groupMemory.charge(this.#groupBytes)
    this.#leftGroups.delete(group.name)
    this.#groups.set(group.name, group)
    this.subscribers.add(group)
    group.join(member)
  }

  /** `now` is wall time in ms: a group without members keeps its place from then on, for a while. */
  leaveGroup(group: ConsumerGroup, member: GroupMember, now: number): void {
    group.leave(member)
    if (!group.isEmpty) return
    this.#groups.delete(group.name)
    this.subscribers.delete(group)
    this.#leftGroups.set(group.name, { group, leftAt: now }, this.#limits.current.groups.kept)
  }

  get #groupBytes(): number {
    return GROUP_BYTES + GROUP_PARTITION_BYTES * this.partitions
  }
}

/** What a stream takes of the memory budget while it has neither events nor groups. */
export function streamBytes(partitions: number): number {
  return STREAM_BYTES + STREAM_PARTITION_BYTES * partitions
}
