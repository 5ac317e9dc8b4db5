import type { StoredEvent, Subscriber } from './event.ts'

/** Where a group stands in a partition. */
export interface PartitionPlace {
  /** Offset of the next event to hand over. */
  readonly offset: number
  /** A sequence that comes before that event, and before which there is nothing left to hand over. */
  readonly after: number
  /** Up to here some member was offered them before, and did not get to send them. */
  readonly offeredUntil: number
}

export interface GroupMember {
  readonly key: string
  offer(event: StoredEvent): void
  /** Is given a partition, to go on with at this place. */
  take(partition: number, place: PartitionPlace): void
  /** Gives partitions back, with what waits for its client of them; answers where each is to be gone on with. */
  give(partitions: ReadonlySet<number>): Map<number, PartitionPlace>
  /** Where it stands in each of its partitions. */
  places(): Map<number, PartitionPlace>
}

/**
 * Members that share a stream: each partition belongs to one of them, and with it every key in it, until somebody joins or
 * leaves. Then no more partitions move than have to, so that no member has two more than another. A member that is given a
 * partition goes on behind the last event that was handed to the socket of its owner before.
 */
export class ConsumerGroup implements Subscriber {
  readonly name: string
  readonly #owners: (GroupMember | undefined)[]
  /** State of each partition when it last changed hands. */
  readonly #places: PartitionPlace[]
  /** With their partitions, those they got last at the end. The oldest member is the first. */
  readonly #shares = new Map<GroupMember, Set<number>>()

  constructor(name: string, places: readonly PartitionPlace[]) {
    this.name = name
    this.#places = [...places]
    this.#owners = places.map(() => undefined)
  }

  get isEmpty(): boolean {
    return this.#shares.size === 0
  }

  offer(event: StoredEvent): void {
    this.#owners[event.position.partition]?.offer(event)
  }

  join(member: GroupMember): void {
    const share = new Set<number>()
    this.#shares.set(member, share)
    if (this.#shares.size === 1) {
      for (const partition of this.#owners.keys()) this.#assign(partition, member)
      return
    }
    for (const [owner, partitions] of this.#surplusFor(share)) {
      for (const [partition, place] of owner.give(partitions)) {
        this.#shares.get(owner)?.delete(partition)
        this.#places[partition] = place
        this.#assign(partition, member)
      }
    }
  }

  leave(member: GroupMember): void {
    const partitions = this.#shares.get(member)
    if (partitions === undefined) return
    this.#shares.delete(member)
    for (const [partition, place] of member.give(partitions)) {
      this.#places[partition] = place
      this.#assign(partition, this.#leastLoaded())
    }
  }

  /** The oldest first, each with its partitions. */
  get members(): Iterable<[member: GroupMember, partitions: ReadonlySet<number>]> {
    return this.#shares
  }

  /** Where the group stands now, by partition. */
  places(): PartitionPlace[] {
    const places = [...this.#places]
    for (const member of this.#shares.keys()) {
      for (const [partition, place] of member.places()) places[partition] = place
    }
    return places
  }

  #assign(partition: number, member: GroupMember | undefined): void {
    this.#owners[partition] = member
    if (member === undefined) return
    this.#shares.get(member)?.add(partition)
    member.take(partition, this.#places[partition] as PartitionPlace)
  }

  /** Returns the partitions that the other members have to give up to a new one with this share. */
  #surplusFor(share: ReadonlySet<number>): Map<GroupMember, Set<number>> {
    const surplus = new Map<GroupMember, Set<number>>()
    // With more members than partitions no member has two.
    if (this.#shares.size > this.#owners.length) return surplus
    for (let taken = 0; ; taken += 1) {
      let fullest: { owner: GroupMember; left: number[] } | undefined
      for (const [owner, owned] of this.#shares) {
        const left = owned === share ? [] : [...owned].slice(0, owned.size - (surplus.get(owner)?.size ?? 0))
        if (left.length > (fullest?.left.length ?? 0)) fullest = { owner, left }
      }
      if (fullest === undefined || fullest.left.length <= taken + 1) return surplus
      const moving = surplus.get(fullest.owner) ?? new Set()
      surplus.set(fullest.owner, moving.add(fullest.left.at(-1) as number))
    }
  }

  #leastLoaded(): GroupMember | undefined {
    let least: { member: GroupMember; size: number } | undefined
    for (const [member, { size }] of this.#shares) {
      if (size === 0) return member
      if (least === undefined || size < least.size) least = { member, size }
    }
    return least?.member
  }
}
