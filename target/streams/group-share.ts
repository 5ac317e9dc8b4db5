import type { StreamWindow } from '../exchange/account.ts'
import type { Frame, StreamEventAbout } from '../connections/frame.ts'
import type { ConsumerGroup, GroupMember, PartitionPlace } from './consumer-group.ts'
import type { StoredEvent } from './event.ts'
import { type Consumer, queuedOf, type Reader } from './reader.ts'
import type { Stream } from './stream.ts'

/** A partition that a member owns. */
interface Owned {
  /** Offset of the next event to read. It has no meaning while the member is live. */
  offset: number
  after: number
  /** The next offset of the partition when it was taken. */
  readonly takenAt: number
}

/** A group member as a reader: it reads the partitions of a stream that it owns. */
export class GroupShare implements Reader, GroupMember {
  readonly stream: Stream
  filtered = 0
  isLive = false
  #listens = false
  readonly #consumer: Consumer
  readonly #group: ConsumerGroup
  readonly #owned = new Map<number, Owned>()
  /** Ordinal before which there is nothing to read. */
  #next: number
  /** Ordinal of the first event that came after it joined. */
  readonly #openedAt: number
  /** Number of events published before it took over their partition, and how many of them an earlier owner was offered. */
  #backlog = 0
  #takenOver = 0
  /** Number of events that came while it owned their partition, not counting the partitions it owns now. */
  #ownedBefore = 0
  /** Number of its events that it gave up unsent. */
  #givenOn = 0
  #expired: number

  /** @param lost number of evicted events that followed the beginning of the group */
  constructor(stream: Stream, group: ConsumerGroup, consumer: Consumer, lost: number) {
    this.stream = stream
    this.#group = group
    this.#consumer = consumer
    this.#openedAt = this.#next = stream.history.endOrdinal
    this.#backlog = this.#expired = lost
    stream.followers += 1
    stream.joinGroup(group, this)
  }

  get key(): string {
    return this.#consumer.key
  }

  offer(event: StoredEvent): void {
    // A member that is behind reads it later.
    if (this.#listens) this.#consumer.offer(event)
  }

  take(partition: number, { offset, after, offeredUntil }: PartitionPlace): void {
    const { stream } = this
    const takenAt = stream.nextOffset(partition)
    const backlog = takenAt - offset
    this.#backlog += backlog
    this.#takenOver += offeredUntil - offset
    if (backlog > 0) this.#stopBeingLive()
    this.#owned.set(partition, { offset, after, takenAt })
    if (backlog === 0) return
    this.#next = Math.min(this.#next, stream.history.ordinalAfter(after))
    this.#consumer.fallBehind()
  }

  give(partitions: ReadonlySet<number>): Map<number, PartitionPlace> {
    const { stream } = this
    const withdrawn = this.#consumer.withdraw(
      ({ about }) => isPlaced(about) && about.channel === stream.name && partitions.has(about.partition),
    )
    const places = this.#placesBefore(withdrawn, partitions)
    this.#givenOn += withdrawn.length
    for (const partition of partitions) {
      const { takenAt, offset } = this.#owned.get(partition) as Owned
      const end = stream.nextOffset(partition)
      this.#ownedBefore += end - takenAt
      if (!this.isLive) this.#givenOn += end - offset
      this.#owned.delete(partition)
    }
    return places
  }

  places(): Map<number, PartitionPlace> {
    return this.#placesBefore(this.#consumer.waiting(), new Set(this.#owned.keys()))
  }

  goLive(): void {
    this.isLive = true
    this.listen()
  }

  listen(): void {
    this.#listens = true
  }

  peek(): StoredEvent | undefined {
    if (this.isLive) return undefined
    for (; ; this.#next += 1) {
      const event = this.stream.history.at(this.#next)
      if (event === undefined) return undefined
      const { partition, offset } = event.position
      if (offset >= (this.#owned.get(partition)?.offset ?? Infinity)) return event
    }
  }

  advance(): void {
    const event = this.peek()
    if (event === undefined) return
    const owned = this.#owned.get(event.position.partition) as Owned
    owned.offset = event.position.offset + 1
    owned.after = event.sequence
    this.#next += 1
  }

  skipEvicted(): number {
    if (this.isLive) return 0
    const { stream } = this
    let count = 0
    for (const [partition, owned] of this.#owned) {
      const evicted = stream.firstOffset(partition) - owned.offset
      if (evicted <= 0) continue
      count += evicted
      owned.offset += evicted
    }
    this.#next = Math.max(this.#next, stream.history.firstOrdinal)
    this.#expired += count
    return count
  }

  window(): StreamWindow {
    const { stream, filtered } = this
    const came = stream.history.endOrdinal - this.#openedAt
    let [owned, unread] = [this.#ownedBefore, 0]
    for (const [partition, { takenAt, offset }] of this.#owned) {
      const end = stream.nextOffset(partition)
      owned += end - takenAt
      if (!this.isLive) unread += end - offset
    }
    return {
      stream: stream.name,
      offered: came + this.#backlog,
      takenOver: this.#takenOver,
      filtered,
      elsewhere: came - owned + this.#givenOn,
      expired: this.#expired,
      unsent: unread + queuedOf(this.#consumer, stream),
    }
  }

  end(now: number): void {
    this.stream.followers -= 1
    this.stream.leaveGroup(this.#group, this, now)
  }

  #stopBeingLive(): void {
    if (!this.isLive) return
    this.isLive = this.#listens = false
    this.#next = this.stream.history.endOrdinal
    for (const [partition, owned] of this.#owned) {
      owned.offset = this.stream.nextOffset(partition)
      owned.after = this.stream.newest
    }
  }

  /** Returns where the next owner of these partitions continues if these frames are not sent. */
  #placesBefore(unsent: Iterable<Frame>, partitions: ReadonlySet<number>): Map<number, PartitionPlace> {
    const { stream } = this
    const places = new Map<number, PartitionPlace>()
    for (const partition of partitions) {
      const end = stream.nextOffset(partition)
      const { offset, after } = this.isLive
        ? { offset: end, after: stream.newest }
        : (this.#owned.get(partition) as Owned)
      places.set(partition, { offset, after, offeredUntil: end })
    }
    for (const { about } of unsent) {
      if (!isPlaced(about) || about.channel !== stream.name) continue
      const { partition, offset, sequence } = about
      const place = places.get(partition)
      if (place === undefined || place.offset <= offset) continue
      places.set(partition, { ...place, offset, after: sequence - 1 })
    }
    return places
  }
}

function isPlaced(about: Frame['about']): about is StreamEventAbout {
  return about.kind === 'event' && about.partition !== undefined
}
