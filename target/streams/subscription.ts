import type { Connection } from '../transport/connection.ts'
import type { Format } from '../transport/format.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { StoredEvent } from './event.ts'
import type { Replay } from './replay.ts'
import { cursorBefore } from './resume.ts'
import type { Stream } from './stream.ts'
import type { Subscriber } from './subscriber.ts'
import type { Tenant } from './tenant.ts'

/** What a consumer wants to see of its streams; absent means everything. */
export interface Filter {
  partitions?: ReadonlySet<number>
  types?: ReadonlySet<string>
  /** Share each stream with the other members of this group. */
  group?: string
}

/** Most bytes a replay puts into a connection at once, so that one catching up does not hold the loop. */
const REFILL_BYTES = 65_536

/**
 * One consumer's interest in some streams. It first reads what they kept, at the pace of its client, and goes live in the
 * same turn in which it reaches their head: nothing lies between, nothing comes twice.
 */
export class Subscription implements Subscriber {
  readonly #tenant: Tenant
  readonly #streams: readonly Stream[]
  readonly #filter: Filter
  readonly #format: Format
  readonly #connection: Connection
  /** By stream; empty without a group. */
  readonly #groups = new Map<string, ConsumerGroup>()

  constructor(tenant: Tenant, streams: readonly Stream[], filter: Filter, format: Format, connection: Connection) {
    this.#tenant = tenant
    this.#streams = streams
    this.#filter = filter
    this.#format = format
    this.#connection = connection
    const { group } = filter
    if (group !== undefined) for (const stream of streams) this.#groups.set(stream.name, stream.joinGroup(group, this))
  }

  offer(event: StoredEvent): void {
    if (this.#wants(event)) this.#connection.send(event.frame(this.#format))
  }

  /** Sends on from the replay as far as the client keeps up; true once it is live and the replay is done with. */
  catchUp(replay: Replay): boolean {
    const overtaken = replay.takeOvertaken()
    if (overtaken.length > 0) this.#tellOvertaken(replay, overtaken)
    let sentBytes = 0
    for (let event = replay.peek(); event !== undefined; event = replay.peek()) {
      if (this.#wants(event)) {
        const frame = event.frame(this.#format)
        const { bufferedBytes, roomBytes } = this.#connection
        if (sentBytes > 0 && sentBytes + frame.bytes.length > REFILL_BYTES) return false
        if (bufferedBytes > 0 && frame.bytes.length > roomBytes) return false
        if (this.#connection.send(frame) === 'closed') return true
        sentBytes += frame.bytes.length
      }
      replay.advance()
    }
    for (const stream of this.#streams) stream.subscribers.add(this)
    return true
  }

  end(): void {
    const { group } = this.#filter
    for (const stream of this.#streams) {
      stream.subscribers.delete(this)
      if (group !== undefined) stream.leaveGroup(group, this)
    }
  }

  #wants({ stream, partition, type }: StoredEvent): boolean {
    const { partitions, types } = this.#filter
    if (partitions !== undefined && !partitions.has(partition)) return false
    if (types !== undefined && !types.has(type)) return false
    return this.#groups.get(stream)?.owns(this, partition) ?? true
  }

  /** A client that reads its replay more slowly than retention takes it away. */
  #tellOvertaken(replay: Replay, lost: { stream: string; count: number }[]): void {
    this.#connection.notify(
      this.#format.reset({ reason: 'retention', lost, cursor: cursorBefore(this.#tenant, replay) }),
    )
  }
}
