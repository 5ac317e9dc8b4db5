import { ConsumerGroup } from './consumer-group.ts'
import { History } from './history.ts'
import type { Subscriber } from './subscriber.ts'

/** A named sequence of events in partitions, with a bounded history and those who listen now. */
export class Stream {
  readonly name: string
  readonly history = new History()
  readonly subscribers = new Set<Subscriber>()
  readonly #groups = new Map<string, ConsumerGroup>()
  readonly #nextOffsets: number[]

  constructor(name: string, partitions: number) {
    this.name = name
    this.#nextOffsets = Array.from({ length: partitions }, () => 0)
  }

  takeOffset(partition: number): number {
    const offset = this.#nextOffsets[partition] as number
    this.#nextOffsets[partition] = offset + 1
    return offset
  }

  /** Groups last as long as they have members. */
  joinGroup(name: string, member: Subscriber): ConsumerGroup {
    const group = this.#groups.get(name) ?? new ConsumerGroup()
    this.#groups.set(name, group)
    group.join(member)
    return group
  }

  leaveGroup(name: string, member: Subscriber): void {
    const group = this.#groups.get(name)
    group?.leave(member)
    if (group?.isEmpty) this.#groups.delete(name)
  }
}
