import { BoundedMap } from '../../core/bounded-map.ts'
import { Audiences } from '../connections/audiences.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { ConsumerGroup, type GroupMember, type PartitionPlace } from './consumer-group.ts'
import type { StoredEvent, Subscriber } from './event.ts'
import type { EventEncoder } from '../protocols/stream-protocol.ts'
import { History } from './history.ts'
import type { LiveLimits } from './limits.ts'

/** A group without members, and the wall time when the last one left. */
interface LeftGroup {
  group: ConsumerGroup
  leftAt: number
}

/** Estimates for a stream without events and for a consumer group, each with its partitions; measured and rounded up. */
const STREAM_BYTES = 2048
const STREAM_PARTITION_BYTES = 32
const GROUP_BYTES = 1024
const GROUP_PARTITION_BYTES = 128

/** A named sequence of events in partitions, with a bounded history and live subscribers. */
export class Stream {
  readonly name: string
  readonly history: History
  /** Number of readers, live or not. */
  followers = 0
  readonly #audiences = new Audiences<EventEncoder>()
  /** Subscribers that decide about each event. */
  readonly #subscribers = new Set<Subscriber>()
  readonly #limits: LiveLimits
  /** Groups with members. */
  readonly #groups = new Map<string, ConsumerGroup>()
  readonly #leftGroups = new BoundedMap<string, LeftGroup>(() => this.#groupMemory.release(this.#groupBytes))
  readonly #nextOffsets: number[]
  #newest = 0
  #isDiscarded = false
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

  /** Returns the offset of the partition's next event. */
  nextOffset(partition: number): number {
    return this.#nextOffsets[partition] as number
  }

  /** Returns the offset of the partition's oldest kept event. */
  firstOffset(partition: number): number {
    return this.nextOffset(partition) - this.history.keptOf(partition)
  }

  /** Appends an event and offers it to all subscribers. Its offset must be the next of its partition. */
  append(event: StoredEvent): void {
    const { partition, offset, publishedAt } = event.position
    this.#nextOffsets[partition] = offset + 1
    this.#newest = event.sequence
    this.history.append(event)
    this.history.evict(this.#limits.current.retention, publishedAt)
    this.#audiences.offer(encoder => event.frame(encoder))
    for (const subscriber of this.#subscribers) subscriber.offer(event)
  }

  /** Offers each event from now on. */
  subscribe(subscriber: Subscriber): void {
    const { recipient } = subscriber
    if (recipient === undefined) this.#subscribers.add(subscriber)
    else this.#audiences.add(recipient)
  }

  unsubscribe(subscriber: Subscriber): void {
    const { recipient } = subscriber
    if (recipient === undefined) this.#subscribers.delete(subscriber)
    else this.#audiences.delete(recipient)
  }

  /** Evicts events and groups that have expired, even if nothing is published. */
  evict(now: number): void {
    this.history.evict(this.#limits.current.retention, now)
    for (const [name, { leftAt }] of this.#leftGroups) {
      if (now - leftAt < this.#limits.current.groups.ageMs) break
      this.#leftGroups.delete(name)
    }
  }

  /** Forgets the places of all groups without members; returns whether there were any. */
  shedGroups(): boolean {
    const { size } = this.#leftGroups
    this.#leftGroups.clear()
    return size > 0
  }

  get leftGroupCount(): number {
    return this.#leftGroups.size
  }

  /** Releases everything. Nobody follows the stream afterwards, but members of its groups may still leave. */
  discard(): void {
    this.#isDiscarded = true
    this.history.discard()
    this.shedGroups()
    this.#memory.release(streamBytes(this.partitions))
  }

  /** Returns the group of this name if it has members or its places are still kept. */
  group(name: string): ConsumerGroup | undefined {
    return this.#groups.get(name) ?? this.#leftGroups.get(name)?.group
  }

  /** All groups, those with members first. */
  get groups(): ConsumerGroup[] {
    return [...this.#groups.values(), ...[...this.#leftGroups].map(([, { group }]) => group)]
  }

  get groupCount(): number {
    return this.#groups.size + this.#leftGroups.size
  }

  /** Creates a group that begins after the event with this sequence. */
  newGroup(name: string, after: number): ConsumerGroup {
    const kept = this.#nextOffsets.map(() => 0)
    const { history } = this
    for (let ordinal = history.ordinalAfter(after); ordinal < history.endOrdinal; ordinal += 1) {
      kept[history.at(ordinal)!.position.partition]! += 1
    }
    const places = kept.map((count, partition): PartitionPlace => {
      const offset = this.nextOffset(partition) - count
      return { offset, after, offeredUntil: offset }
    })
    return new ConsumerGroup(name, places)
  }

  joinGroup(group: ConsumerGroup, member: GroupMember): void {
    if (!this.#groups.has(group.name)) this.#groupMemory.charge(this.#groupBytes)
    this.#leftGroups.delete(group.name)
    this.#groups.set(group.name, group)
    this.subscribe(group)
    group.join(member)
  }

  /** @param now wall time in ms. From then on a group without members keeps its place for a while */
  leaveGroup(group: ConsumerGroup, member: GroupMember, now: number): void {
    group.leave(member)
    if (!group.isEmpty) return
    this.#groups.delete(group.name)
    this.unsubscribe(group)
    // A group that is kept without members stays charged.
    if (this.#isDiscarded) this.#groupMemory.release(this.#groupBytes)
    else this.#leftGroups.set(group.name, { group, leftAt: now }, this.#limits.current.groups.kept)
  }

  get #groupBytes(): number {
    return GROUP_BYTES + GROUP_PARTITION_BYTES * this.partitions
  }
}

/** Estimates the memory of a stream without events and groups. */
export function streamBytes(partitions: number): number {
  return STREAM_BYTES + STREAM_PARTITION_BYTES * partitions
}
