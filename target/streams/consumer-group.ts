import type { Subscriber } from './subscriber.ts'

/**
 * Members that share a stream: each partition belongs to one of them, and with it every key in it, until somebody joins or
 * leaves. Then partitions move; what was queued for a member that left is not given to another.
 */
export class ConsumerGroup {
  readonly #members: Subscriber[] = []

  get isEmpty(): boolean {
    return this.#members.length === 0
  }

  join(member: Subscriber): void {
    this.#members.push(member)
  }

  leave(member: Subscriber): void {
    const place = this.#members.indexOf(member)
    if (place !== -1) this.#members.splice(place, 1)
  }

  /** With more members than partitions, the youngest own none. */
  owns(member: Subscriber, partition: number): boolean {
    return this.#members[partition % this.#members.length] === member
  }
}
