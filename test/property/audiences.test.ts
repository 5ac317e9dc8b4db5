import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { type SlowConsumerPolicy, slowConsumerPolicies } from '../../contract/streams.ts'
import { DelayQueue } from '../../core/delay-queue.ts'
import { Connection } from '../../target/connections/connection.ts'
import { acknowledgement, control, type Frame } from '../../target/connections/frame.ts'
import { Flusher } from '../../target/connections/flusher.ts'
import { chunkOf } from '../../target/connections/http-wire.ts'
import type { FaultedClient } from '../../target/connections/pool.ts'
import { ConnectionFaults } from '../../target/faults/stream/connection-faults.ts'
import { FaultsSection } from '../../target/ledger/faults-section.ts'
import { sse } from '../../target/protocols/sse.ts'
import type { LiveLimits, StreamLimits } from '../../target/streams/limits.ts'
import { resume, type StartPoint } from '../../target/streams/resume.ts'
import { type Outlet, Subscription } from '../../target/streams/subscription.ts'
import { Tenant } from '../../target/streams/tenant.ts'
import { CountingConsumerBook } from '../support/consumer-book.ts'
import { classOfHandles, FakeTcpWire } from '../support/fake-tcp-wire.ts'
import { FakeWire } from '../support/fake-wire.ts'
import { faultsBench } from '../support/faults-bench.ts'
import { plenty } from '../support/memory.ts'

const STREAMS = ['orders', 'inventory']
/** In bytes; an event takes 200 to 500. */
const SOCKET_BYTES = 2000

/** Each affects a third of the messages. */
const faulty: FaultRule[] = (['drop', 'duplicate', 'reorder', 'malformed'] as const).map(type => ({
  id: type,
  match: { operation: 'streams.read' },
  share: 1 / 3,
  scope: 'message',
  fault: { type },
}))

const kinds = ['plain', 'two streams', 'filtered', 'resumed'] as const
const which = fc.nat(9)
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      stream: fc.nat(1),
      sizes: fc.array(fc.nat(300), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('join' as const), kind: fc.constantFrom(...kinds) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'vanish' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('break' as const, 'leave' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stall' as const, 'drain' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('answer' as const, 'beat' as const, 'clog' as const), which }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('inject' as const, 'heal' as const, 'heal' as const, 'sweep' as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('report' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Member {
  connection: Connection
  wire: FakeWire | FakeTcpWire
  book: CountingConsumerBook
  /** Everything that was written to its socket. */
  writes: string[]
}

/** Makes a wire without a network, given what takes its writes. */
type MakeWire = (onWrite: (text: string) => void) => FakeWire | FakeTcpWire

/** Streams and their consumers. Everything is real except the network and the time. */
class World {
  readonly members: Member[] = []
  readonly #areOfferedEach: boolean
  readonly #makeWire: MakeWire
  readonly #bench = faultsBench({}, 7)
  readonly #delays = new DelayQueue(this.#bench.clock)
  readonly #flusher = new Flusher(this.#bench.clock)
  readonly #tenant: Tenant
  readonly #memory = plenty().table('outboxes')
  readonly #budget
  /** One function for all, as in the target. */
  readonly #budgetOf = () => this.#budget
  #published = 0

  /** @param areOfferedEach whether every consumer is offered each event by itself, the naive way */
  constructor(areOfferedEach: boolean, makeWire: MakeWire, policy: SlowConsumerPolicy, budgetBytes: number) {
    this.#makeWire = makeWire
    const live = {
      current: { retention: { events: 40, bytes: 1e9, ageMs: 1e9 }, perTenant: 10 } as StreamLimits,
    } satisfies LiveLimits
    this.#areOfferedEach = areOfferedEach
    this.#tenant = new Tenant('public', live, 3, 0, plenty())
    this.#budget = { policy, budgetBytes, budgetAgeMs: 50, notify: true }
  }

  take(action: Step): void {
    const open = this.members.filter(({ connection }) => connection.isOpen)
    const member = 'which' in action ? open[action.which % Math.max(1, open.length)] : undefined
    if (action.do === 'publish') for (const size of action.sizes) this.#publish(STREAMS[action.stream] as string, size)
    if (action.do === 'join') this.#join(action.kind)
    if (action.do === 'close') member?.connection.close('control')
    if (action.do === 'vanish') member?.wire.vanish()
    if (action.do === 'break' && member?.wire instanceof FakeTcpWire) member.wire.break()
    if (action.do === 'leave') member?.wire.leave()
    if (action.do === 'clog') {
      member?.wire.stall()
      // Past the connection, as the library of WebSockets answers pings. The stream keeps the second one.
      for (const pong of ['pong\n', 'pong\n']) member?.wire.socket.write(pong)
    }
    if (action.do === 'stall') member?.wire.stall()
    if (action.do === 'drain') member?.wire.drain()
    if (action.do === 'answer') member?.connection.enqueue(chunkOf('answer\n', acknowledgement()))
    if (action.do === 'beat') member?.connection.enqueue(chunkOf('beat\n', control))
    if (action.do === 'inject') this.#bench.change({ rules: faulty })
    if (action.do === 'heal') this.#bench.change({ rules: [] })
    if (action.do === 'sweep') {
      this.#bench.clock.stall(20)
      for (const { connection } of open) connection.checkDeadlines(this.#bench.clock.now())
    }
  }

  drain(): void {
    for (const { wire } of this.members) wire.drain()
  }

  /** Everything that a client could notice, and what waits for it. The epoch is random. */
  seen(): object[] {
    const { epoch } = this.#tenant
    return this.members.map(({ connection, writes }) => ({
      writes: writes.map(text => text.replaceAll(epoch, 'epoch')),
      bufferedBytes: connection.bufferedBytes,
      waiting: [...connection.waiting()].map(({ bytes }) => bytes.toString().replaceAll(epoch, 'epoch')),
    }))
  }

  /** Everything that is counted. Reading it settles the accounts, so it is not read after each step. */
  counted(): object {
    const members = this.members.map(({ connection, book }) => ({
      payloadBytes: connection.payloadBytes,
      wroteAt: connection.wroteAt,
      delivered: book.deliveredFrames,
      dropped: book.dropsByPolicy,
      injected: [book.duplicated, book.reordered, book.malformed],
      resets: book.resets,
      ends: book.ends,
      windows: book.ends.length > 0 ? book.endWindows : book.source?.windows(),
      unexplained: book.unexplained().filter(count => count !== 0),
    }))
    return { members, waitingBytes: this.#memory.bytes }
  }

  /** Number of connections that have a seat. */
  get seated(): number {
    return this.members.filter(({ connection }) => connection.seat >= 0).length
  }

  #publish(stream: string, size: number): void {
    const id = `e${this.#published++}`
    const event = {
      event_type: this.#published % 3 === 0 ? 'test.third' : 'test.other',
      event_id: id,
      partition_key: `key-${this.#published % 5}`,
      data: { filler: 'x'.repeat(size) },
    }
    this.#tenant.append(event, this.#tenant.stream(stream), 1)
  }

  #join(kind: (typeof kinds)[number]): void {
    const names = kind === 'two streams' ? STREAMS : STREAMS.slice(0, 1)
    const streams = names.map(name => this.#tenant.stream(name))
    const writes: string[] = []
    const wire = this.#makeWire(text => writes.push(text))
    const key = `member-${this.members.length}`
    const book = new CountingConsumerBook(key, names)
    const client: FaultedClient = {
      exchange: { operation: 'streams.read', tenant: 'public', account: { faults: new FaultsSection() } } as never,
      head: { headers: {}, method: 'GET', url: '/' },
      key,
      consumer: book,
      memory: this.#memory,
    }
    const { clock, faults } = this.#bench
    const connection = new Connection({
      wire,
      clock,
      flusher: this.#flusher,
      budget: this.#budgetOf,
      memory: this.#memory,
      consumer: book,
      lagged: ({ dropped, from, to }) => sse.lagged({ dropped, from: String(from.sequence), to: String(to.sequence) }),
      faults: new ConnectionFaults({ faults, clock, delays: this.#delays, stallListener: { stalled() {} } }, client),
      onClosed: () => subscription.end(1),
    })
    const resumption = resume(this.#tenant, streams, kind === 'resumed' ? this.#lastSeen() : 'latest')
    const subscription = new Subscription({
      tenant: this.#tenant,
      resumption,
      filter: kind === 'filtered' ? { types: new Set(['test.other']) } : undefined,
      protocol: sse,
      connection: this.#areOfferedEach ? new OfferedEach(connection) : connection,
      book,
    })
    this.members.push({ connection, wire, book, writes })
    subscription.start(resumption.reset)
  }

  /** Returns where a client that was connected before goes on. */
  #lastSeen(): StartPoint {
    const ids = this.members.flatMap(({ writes }) => [...writes.join('').matchAll(/^id: (\S+)$/gm)])
    const cursor = ids[Math.floor(ids.length / 2)]?.[1]
    return cursor === undefined ? 'earliest' : { cursor }
  }
}

/** Waits until all pending work of both worlds is done. */
async function turn(): Promise<void> {
  for (let n = 0; n < 4; n += 1) await new Promise(resolve => setImmediate(resolve))
}

/** A connection that nobody recognises as one, so that its subscription offers it each event. */
class OfferedEach implements Outlet {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get refill(): (() => void) | undefined {
    return this.#connection.refill
  }

  set refill(refill: (() => void) | undefined) {
    this.#connection.refill = refill
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes
  }

  get roomBytes(): number {
    return this.#connection.roomBytes
  }

  enqueue(frame: Frame) {
    return this.#connection.enqueue(frame)
  }

  pull(refill: () => void): void {
    this.#connection.pull(refill)
  }

  waiting() {
    return this.#connection.waiting()
  }

  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    return this.#connection.withdraw(isWanted)
  }
}

const Tcp = await classOfHandles()
const wires: Record<string, MakeWire> = {
  'a stream': onWrite => new FakeWire(SOCKET_BYTES, onWrite),
  'a TCP connection': onWrite => new FakeTcpWire(Tcp, SOCKET_BYTES, onWrite),
}

describe.each(Object.entries(wires))('Over %s', (_name, makeWire) => {
  test.each(slowConsumerPolicies)(
    'with %s, clients and ledger see the same whether events are noted for a whole audience or offered to each',
    async policy => {
      let mostSeated = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 80, size: 'max' }),
          // Sizes below and above what a socket buffers.
          fc.constantFrom(SOCKET_BYTES / 2, 5 * SOCKET_BYTES),
          async (steps, budgetBytes) => {
            const worlds = [false, true].map(areOfferedEach => new World(areOfferedEach, makeWire, policy, budgetBytes))
            const [shared, naive] = worlds as [World, World]
            for (const action of steps) {
              for (const world of worlds) world.take(action)
              if (action.do === 'turn') await turn()
              expect(shared.seen()).toEqual(naive.seen())
              if (action.do === 'report') expect(shared.counted()).toEqual(naive.counted())
              mostSeated = Math.max(mostSeated, shared.seated)
              expect(naive.seated).toBe(0)
            }
            for (let quiet = 0; quiet < 3; quiet += 1) {
              for (const world of worlds) world.drain()
              await turn()
            }
            expect(shared.seen()).toEqual(naive.seen())
            expect(shared.counted()).toEqual(naive.counted())
            for (const { book } of shared.members) expect(book.unexplained().every(count => count === 0)).toBe(true)
          },
        ),
        { seed: 3, numRuns: 80 },
      )
      expect(mostSeated).toBeGreaterThan(2)
    },
  )
})
