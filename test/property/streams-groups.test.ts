import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SlowConsumerPolicy, slowConsumerPolicies } from '../../contract/streams.ts'
import { Connection } from '../../target/connections/connection.ts'
import { Flusher } from '../../target/connections/flusher.ts'
import { sse } from '../../target/protocols/sse.ts'
import type { LiveLimits, StreamLimits } from '../../target/streams/limits.ts'
import { resume } from '../../target/streams/resume.ts'
import { Subscription } from '../../target/streams/subscription.ts'
import { Tenant } from '../../target/streams/tenant.ts'
import { CountingConsumerBook } from '../support/consumer-book.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeWire } from '../support/fake-wire.ts'
import { plenty, roomy } from '../support/memory.ts'

const PARTITIONS = 5
const KEYS = 12
const STREAM = 'orders'
/** In bytes; an event takes about 200. */
const SOCKET_BYTES = 600

const which = fc.nat(7)
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      keys: fc.array(fc.nat(KEYS - 1), { minLength: 1, maxLength: 12, size: 'max' }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which, byForce: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('stall' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drain' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
)

interface Member {
  connection: Connection
  wire: FakeWire
  book: CountingConsumerBook
  /** Losses that reset frames reported to it. */
  toldLost: number
}

interface Published {
  partition: number
  /** The number of times that members had joined or left. */
  version: number
  deliveredTo: Member[]
}

/** A group whose members are controlled by the test. Everything is real except the network. */
class World {
  readonly published: Published[] = []
  readonly members: Member[] = []
  readonly gone: Member[] = []
  /** Errors found inside callbacks, where they could not be thrown. */
  readonly faults: string[] = []
  version = 0
  readonly #clock = new FakeClock()
  readonly #flusher = new Flusher(this.#clock)
  readonly #tenant: Tenant
  readonly #budget
  /** The member that received events published under each version, by version and partition. */
  readonly #ownerOf = new Map<string, Member>()

  constructor(policy: SlowConsumerPolicy, historyEvents: number, budgetBytes: number) {
    const live = {
      current: {
        retention: { events: historyEvents, bytes: 1e9, ageMs: 1e9 },
        perTenant: 10,
        groups: { kept: 1, ageMs: 1e9 },
      } as StreamLimits,
    } satisfies LiveLimits
    this.#tenant = new Tenant('public', live, PARTITIONS, 0, plenty())
    this.#budget = { policy, budgetBytes, budgetAgeMs: 1e9, notify: false }
  }

  get stream() {
    return this.#tenant.stream(STREAM)
  }

  publish(key: number): void {
    const id = `e${this.published.length}`
    const event = { event_type: 'order.created', event_id: id, partition_key: `key-${key}`, data: {} }
    const published: Published = { partition: -1, version: this.version, deliveredTo: [] }
    this.published.push(published)
    published.partition = this.#tenant.append(event, this.stream, 1).partition
  }

  join(): void {
    const before = this.owners()
    const wire = new FakeWire(SOCKET_BYTES, text => this.#read(member, text))
    const book = new CountingConsumerBook(`member-${this.members.length + this.gone.length}`, [STREAM])
    const connection = new Connection({
      wire,
      clock: this.#clock,
      flusher: this.#flusher,
      budget: () => this.#budget,
      memory: roomy(),
      consumer: book,
      lagged: ({ dropped, from, to }) => sse.lagged({ dropped, from: String(from.sequence), to: String(to.sequence) }),
      onClosed: () => {
        subscription.end(1)
        this.members.splice(this.members.indexOf(member), 1)
        this.gone.push(member)
        this.version += 1
      },
    })
    const member: Member = { connection, wire, book, toldLost: 0 }
    const resumption = resume(this.#tenant, [this.stream], 'latest', 'group')
    const parts = { tenant: this.#tenant, resumption, filter: undefined, protocol: sse, connection, book }
    const subscription = new Subscription(parts)
    this.members.push(member)
    this.version += 1
    subscription.start(resumption.reset)
    const after = this.owners()
    // Only the new member got partitions, and no more than necessary.
    for (const [partition, owner] of before.entries()) {
      if (owner !== undefined && after[partition] !== owner) expect(after[partition]).toBe(book.key)
    }
  }

  /** Returns the key of each partition's owner. Every partition has one while there are members. */
  owners(): (string | undefined)[] {
    const owners: (string | undefined)[] = Array.from({ length: PARTITIONS }, () => undefined)
    const shares = [...(this.stream.group('group')?.members ?? [])]
    for (const [{ key }, partitions] of shares) {
      for (const partition of partitions) {
        expect(owners[partition]).toBeUndefined()
        owners[partition] = key
      }
    }
    const sizes = shares.map(([, { size }]) => size)
    if (sizes.length > 0) {
      expect(owners).not.toContain(undefined)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }
    return owners
  }

  leave(index: number, byForce: boolean): void {
    const member = this.members[index % Math.max(1, this.members.length)]
    if (member === undefined) return
    const before = this.owners()
    if (byForce) member.connection.close('control')
    else member.wire.vanish()
    const after = this.owners()
    if (this.members.length === 0) return
    for (const [partition, owner] of before.entries()) {
      if (owner !== member.book.key) expect(after[partition]).toBe(owner)
    }
  }

  /** Waits until all pending work is done. */
  async turn(): Promise<void> {
    for (let n = 0; n < 3; n += 1) await new Promise(resolve => setImmediate(resolve))
    this.check()
  }

  check(): void {
    for (const { book } of [...this.gone, ...this.members]) expect(book.unexplained()).toEqual([0])
    expect(this.faults).toEqual([])
  }

  get expired(): number {
    return [...this.gone, ...this.members].reduce((sum, { book }) => {
      const windows = book.ends.length > 0 ? book.endWindows : (book.source?.windows() ?? [])
      return sum + windows.reduce((expired, window) => expired + window.expired, 0)
    }, 0)
  }

  get told(): number {
    return [...this.gone, ...this.members].reduce((sum, { toldLost }) => sum + toldLost, 0)
  }

  get handedOver(): number {
    return [...this.gone, ...this.members].reduce((sum, { book }) => sum + book.deliveredFrames, 0)
  }

  get dropped(): number {
    return [...this.gone, ...this.members].reduce((sum, { book }) => sum + book.droppedFrames, 0)
  }

  #read(member: Member, text: string): void {
    for (const [, ordinal] of text.matchAll(/"event_id":"e(\d+)"/g)) this.#received(member, Number(ordinal))
    for (const [, count] of text.matchAll(/"count":(\d+)/g)) member.toldLost += Number(count)
  }

  #received(member: Member, ordinal: number): void {
    const event = this.published[ordinal] as Published
    event.deliveredTo.push(member)
    // No later event of its partition was sent before it.
    const later = this.published.slice(ordinal + 1).filter(({ partition }) => partition === event.partition)
    if (later.some(({ deliveredTo }) => deliveredTo.length > 0)) this.faults.push(`${ordinal} came late`)
    if (event.version !== this.version) return
    const key = `${this.version}/${event.partition}`
    if ((this.#ownerOf.get(key) ?? member) !== member) this.faults.push(`${ordinal} went to another than its like`)
    this.#ownerOf.set(key, member)
  }
}

test.each(slowConsumerPolicies)(
  'with %s, each event goes to one member, or it is said why not, and keys stay while nobody comes or goes',
  async policy => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.constantFrom(4, 20, 1000),
        // Sizes below and above what a socket buffers.
        fc.constantFrom(SOCKET_BYTES / 2, 5 * SOCKET_BYTES),
        async (steps, historyEvents, budgetBytes) => {
          const world = new World(policy, historyEvents, budgetBytes)
          world.join()
          for (const action of steps) {
            const { members } = world
            const member = 'which' in action ? members[action.which % Math.max(1, members.length)] : undefined
            if (action.do === 'publish') for (const key of action.keys) world.publish(key)
            if (action.do === 'join') world.join()
            if (action.do === 'leave') world.leave(action.which, action.byForce)
            if (action.do === 'stall') member?.wire.stall()
            if (action.do === 'drain') member?.wire.drain()
            if (action.do === 'turn') await world.turn()
          }
          // The remaining members read everything. Events that came while there was no member are read by one that returns.
          if (world.members.length === 0) world.join()
          for (let quietTurns = 0; quietTurns < 3; ) {
            const before = world.handedOver
            for (const { wire } of world.members) wire.drain()
            await world.turn()
            quietTurns = world.handedOver === before ? quietTurns + 1 : 0
          }
          world.owners()
          const counts = world.published.map(({ deliveredTo }) => deliveredTo.length)
          expect(Math.max(0, ...counts)).toBeLessThanOrEqual(1)
          const missing = counts.filter(count => count === 0).length
          expect(world.expired).toBe(world.told)
          // Events dropped after one that was taken back are read again.
          expect(missing).toBeGreaterThanOrEqual(world.expired)
          expect(missing).toBeLessThanOrEqual(world.expired + world.dropped)
        },
      ),
      { seed: 5, numRuns: 150 },
    )
  },
)
