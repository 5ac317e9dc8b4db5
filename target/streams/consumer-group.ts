import type { StoredEvent, Subscriber } from './event.ts'

/** A group's place in a partition. */
export interface PartitionPlace {
  /** Offset of the next event to hand over. */
  readonly offset: number
  /** A sequence before that event. All events of the partition up to it were handed over. */
  readonly after: number
  /** End of the events that an earlier owner was offered but did not send. */
  readonly offeredUntil: number
}

export interface GroupMember {
  readonly key: string
  offer(event: StoredEvent): void
  /** Takes over a partition and continues at this place. */
  take(partition: number, place: PartitionPlace): void
  /** Gives up partitions and their waiting frames. Returns where the next owner continues. */
  give(partitions: ReadonlySet<number>): Map<number, PartitionPlace>
  /** Returns its place in each of its partitions. */
  places(): Map<number, PartitionPlace>
}

/**
 * Members that share a stream. Each partition, and with it every key in it, belongs to one member until another joins or one
 * leaves. Then only as many partitions move as needed for no member to have two more than another. The new owner of a partition
 * continues after the last event that was handed to the socket of the previous owner.
 */
export class ConsumerGroup implements Subscriber {
  readonly name: string
  readonly #owners: (GroupMember | undefined)[]
  /** Place in each partition when it last changed its owner. */
  readonly #places: PartitionPlace[]
  /** The members, oldest first, and the partitions of each in the order in which it got them. */
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

  /** The members, oldest first, each with its partitions. */
  get members(): Iterable<[member: GroupMember, partitions: ReadonlySet<number>]> {
    return this.#shares
  }

  /** Returns the current place in each partition. */
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

  /** Returns the partitions that the other members must give up to the new member with this share. */
  #surplusFor(share: ReadonlySet<number>): Map<GroupMember, Set<number>> {
    const surplus = new Map<GroupMember, Set<number>>()
    // With more members than partitions, no member has two, and the new one gets none.
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
