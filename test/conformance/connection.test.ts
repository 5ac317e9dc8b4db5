import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { type SlowConsumerPolicy, slowConsumerPolicies } from '../../contract/streams.ts'
import { random, randomInteger } from '../../core/random.ts'
import { StoredEvent } from '../../target/streams/event.ts'
import { Connection } from '../../target/connections/connection.ts'
import { acknowledgement } from '../../target/connections/frame.ts'
import { Flusher } from '../../target/connections/flusher.ts'
import { ndjson } from '../../target/protocols/ndjson.ts'
import { sse } from '../../target/protocols/sse.ts'
import type { StreamProtocol } from '../../target/protocols/stream-protocol.ts'
import { HttpWire } from '../../target/connections/http-wire.ts'
import type { SlowConsumerBudget } from '../../target/connections/outbox.ts'
import { SocketFrame, SocketWire } from '../../target/connections/socket-wire.ts'
import type { Wire } from '../../target/connections/wire.ts'
import { CountingConsumerBook } from '../support/consumer-book.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SocketClient } from '../support/socket-client.ts'
import { StreamClient, until } from '../support/stream-client.ts'
import { roomy } from '../support/memory.ts'

type Client = StreamClient | SocketClient

/** A way to carry a stream, at both ends. */
interface Transport {
  name: string
  encoder: Pick<StreamProtocol, 'event' | 'lagged'> & { answer: StreamProtocol['lagged'] }
  /** Whether a client can tell the end of the stream from that of the connection. */
  saysEnd: boolean
  /** Accepts connections, and returns the wire of each. */
  serve(server: Server, onWire: (wire: Wire) => void): void
  connect(port: number, paused: boolean): Client
}

/** The contract of every way to carry a stream, whatever its policy for slow clients. */
const transports: Transport[] = [
  overHttp('SSE', sse, '1.1'),
  overHttp('NDJSON', ndjson, '1.1'),
  overHttp('SSE over HTTP/1.0', sse, '1.0'),
  overSocket('WebSocket', false),
  overSocket('WebSocket with permessage-deflate', true),
]

function overHttp(name: string, format: StreamProtocol, httpVersion: '1.0' | '1.1'): Transport {
  return {
    name,
    encoder: { ...format, answer: gap => ({ ...format.lagged(gap), about: acknowledgement() }) },
    saysEnd: httpVersion === '1.1',
    serve(server, onWire) {
      server.on('request', ({ socket }, response) => {
        response.writeHead(200, { 'content-type': format.contentType, connection: 'close' }).flushHeaders()
        onWire(new HttpWire(response, socket))
      })
    },
    connect: (port, paused) => new StreamClient(port, '/', { httpVersion, paused }),
  }
}

function overSocket(name: string, deflates: boolean): Transport {
  return {
    name,
    encoder: {
      event: event => new SocketFrame(event.text, event.about, event.key),
      lagged: gap => new SocketFrame(JSON.stringify({ type: 'lagged', ...gap })),
      answer: gap => new SocketFrame(JSON.stringify({ type: 'lagged', ...gap }), acknowledgement()),
    },
    saysEnd: true,
    serve(server, onWire) {
      const perMessageDeflate = deflates && { serverNoContextTakeover: true, clientNoContextTakeover: true }
      const sockets = new WebSocketServer({ server, perMessageDeflate, clientTracking: false })
      sockets.on('connection', (webSocket, { socket }) => onWire(new SocketWire(webSocket, socket)))
    },
    connect: (port, paused) => new SocketClient(port, '/', { paused, deflates }),
  }
}

const policies: SlowConsumerPolicy[] = [...slowConsumerPolicies]

const BUDGET_BYTES = 100_000
const chance = random(1)
/** Practically incompressible. */
const filler = Array.from({ length: 3000 }, () => randomInteger(chance, 36).toString(36)).join('')

/** Enough keys that the frames left by conflation still exceed the budget. */
const KEYS = 200

/** More than the kernel and the socket buffer for a client that does not read, plus more than the budget. */
const MOST_FRAMES = 20_000

describe.each(transports)('$name', transport => {
  const { encoder } = transport
  const clock = new FakeClock()
  let server: Server
  let budget: SlowConsumerBudget
  let book: CountingConsumerBook
  let connection: Connection | undefined
  let socket: Socket
  let seen: { closes: number }
  let ordinal: number
  let clients: Client[]

  beforeEach(async () => {
    budget = { policy: 'disconnect', budgetBytes: BUDGET_BYTES, budgetAgeMs: 30_000, notify: false }
    book = new CountingConsumerBook()
    connection = undefined
    // Of this test only: a socket of the previous test may close late.
    const own = { closes: 0 }
    seen = own
    ordinal = 0
    clients = []
    const flusher = new Flusher(clock)
    server = createServer()
    transport.serve(server, wire => {
      socket = wire.socket as Socket
      connection = new Connection({
        wire,
        clock,
        flusher,
        budget: () => budget,
        memory: roomy(),
        consumer: book,
        lagged: ({ dropped, from, to }) =>
          encoder.lagged({ dropped, from: String(from.sequence), to: String(to.sequence) }),
        onClosed: () => {
          own.closes += 1
        },
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    for (const client of clients) client.vanish()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  async function open({ paused = false } = {}): Promise<{ client: Client; connection: Connection }> {
    const client = transport.connect((server.address() as AddressInfo).port, paused)
    clients.push(client)
    await until(() => connection !== undefined && (client instanceof StreamClient || client.isOpen))
    return { client, connection: connection as Connection }
  }

  function nextFrame() {
    ordinal += 1
    const envelope = {
      event_type: 'test.tick',
      event_id: `e${ordinal}`,
      partition_key: `key-${ordinal % KEYS}`,
      data: { filler: filler.slice(ordinal % 1000, (ordinal % 1000) + 2000) },
    }
    const position = { stream: 'test', partition: 0, offset: ordinal, publishedAt: clock.wallTime() }
    return new StoredEvent(envelope, position, '0123456789ab', ordinal).frame(encoder)
  }

  /** Sends to a client that does not read until the policy has acted `times`. */
  async function overfill(connection: Connection, times = 1): Promise<void> {
    for (let acted = 0; acted < times && ordinal < MOST_FRAMES; ) {
      const result = connection.enqueue(nextFrame())
      if (result === 'closed') return
      if (book.droppedFrames > acted) acted = book.droppedFrames
      expect(connection.bufferedBytes).toBeLessThanOrEqual(budget.budgetBytes)
      if (ordinal % 20 === 0) await new Promise(resolve => setImmediate(resolve))
    }
  }

  function expectAllCounted(): void {
    expect(book.deliveredFrames + book.droppedFrames + book.unsentFrames).toBe(ordinal)
    expect(book.ends.length).toBe(seen.closes)
  }

  test('carries every frame in order to a client that reads', async () => {
    const { client, connection } = await open()
    for (let n = 0; n < 50; n += 1) {
      expect(connection.enqueue(nextFrame())).toBe('sent')
      if (n % 7 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    connection.close('shutdown')
    await until(() => client.ended)
    expect(client.eventIds).toEqual(Array.from({ length: 50 }, (_, n) => `e${n + 1}`))
    expect(client.isComplete).toBe(transport.saysEnd)
    expect(connection.payloadBytes).toBe(client.body.length)
    expectAllCounted()
  })

  test('writes all frames that become due in one turn at once', async () => {
    const { client, connection } = await open()
    // Deliveries bypass the stream, so that writes are counted where they go to the kernel.
    const { _handle: handle } = socket as Socket & { _handle: object }
    const kernel = Object.getPrototypeOf(handle) as Record<'writeBuffer' | 'writev', () => number>
    const writes = [vi.spyOn(kernel, 'writeBuffer'), vi.spyOn(kernel, 'writev')]
    for (let n = 0; n < 5; n += 1) connection.enqueue(nextFrame())
    await until(() => client.events.length === 5)
    const ours = writes.flatMap(({ mock }) => mock.contexts.filter(each => each === handle))
    for (const write of writes) write.mockRestore()
    expect(ours.length).toBe(1)
  })

  test('closes once, and reports that to its sender', async () => {
    const { client, connection } = await open()
    connection.close('control')
    connection.close('shutdown')
    expect(connection.enqueue(nextFrame())).toBe('closed')
    expect(connection.enqueue(encoder.lagged({ dropped: 0, from: '', to: '' }))).toBe('closed')
    await until(() => client.ended)
    expect(book.ends).toEqual([{ reason: 'control', unsentFrames: 0 }])
    expect({ closes: seen.closes, bufferedBytes: connection.bufferedBytes }).toEqual({ closes: 1, bufferedBytes: 0 })
  })

  test('lets a client that closed its side read all that was delivered', async () => {
    const { client, connection } = await open()
    let leaving = false
    while (seen.closes === 0) {
      connection.enqueue(nextFrame())
      if (client.events.length > 20 && !leaving) {
        leaving = true
        client.halfClose()
      }
      await new Promise(resolve => setImmediate(resolve))
    }
    await until(() => client.ended)
    expect(client.failed).toBe(false)
    expect(client.events.length).toBe(book.deliveredFrames)
    expect(book.ends[0]?.reason).toBe('client')
    expectAllCounted()
  })

  test('counts the frames left unsent to a client that vanished', async () => {
    const { client, connection } = await open({ paused: true })
    while (connection.enqueue(nextFrame()) === 'sent') await new Promise(resolve => setImmediate(resolve))
    client.vanish()
    await until(() => seen.closes === 1)
    expect(book.ends).toEqual([{ reason: 'client', unsentFrames: 1 }])
    expectAllCounted()
  })

  describe.each(policies)('with the policy %s', policy => {
    beforeEach(() => {
      budget = { ...budget, policy }
    })

    test('keeps within the budget of a client that does not read, and counts every frame', async () => {
      const { client, connection } = await open({ paused: true })
      await overfill(connection, 50)
      if (policy === 'disconnect') expect(book.ends[0]?.reason).toBe('slow_consumer')
      else expect(book.dropsByPolicy).toEqual({ [policy]: book.droppedFrames })
      client.resume()
      if (policy !== 'disconnect') {
        await until(() => connection.bufferedBytes === 0)
        connection.close('shutdown')
      }
      await until(() => client.ended)
      expect(client.events.length).toBe(book.deliveredFrames)
      expectAllCounted()
      expect(book.unsentFrames > 0).toBe(policy === 'disconnect')
      const ids = client.eventIds.map(id => Number(String(id).slice(1)))
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
      expect(ids.includes(ordinal)).toBe(dropsOld(policy))
    })

    test('keeps every answer, in its place, and counts none', async () => {
      // Leaves room for events beside the answers.
      budget = { ...budget, budgetBytes: 2 * BUDGET_BYTES }
      const { client, connection } = await open({ paused: true })
      while (connection.enqueue(nextFrame()) === 'sent') await new Promise(resolve => setImmediate(resolve))
      let relieved = 0
      let answers = 0
      while (!connection.owesAnswers)
        connection.enqueue(encoder.answer({ dropped: answers++, from: `after e${ordinal}`, to: '' }))
      connection.onDrain = () => (relieved += 1)
      if (policy !== 'disconnect') await overfill(connection, 10)
      expect({ relieved, closes: seen.closes }).toEqual({ relieved: 0, closes: 0 })
      client.resume()
      await until(() => relieved === 1 && connection.bufferedBytes === 0)
      connection.close('shutdown')
      await until(() => client.ended)
      const answered = client.frames.filter(({ type }) => type === 'lagged')
      expect(answered.map(({ data }) => data['dropped'])).toEqual(Array.from({ length: answers }, (_, n) => n))
      const before = client.frames.findIndex(({ type }) => type === 'lagged') - 1
      const last = Number(String(client.frames[before]?.data['event_id']).slice(1))
      expect(last).toBeLessThanOrEqual(Number(String(answered[0]?.data['from']).slice('after e'.length)))
      expect({ owesAnswers: connection.owesAnswers, relieved, eventsLength: client.events.length }).toEqual({
        owesAnswers: false,
        relieved: 1,
        eventsLength: book.deliveredFrames,
      })
      expectAllCounted()
    })

    test('acts on the age of waiting frames, too', async () => {
      const { connection } = await open({ paused: true })
      while (connection.enqueue(nextFrame()) === 'sent') await new Promise(resolve => setImmediate(resolve))
      await clock.advance(30_000)
      connection.checkDeadlines(clock.now())
      expect({ closes: seen.closes, droppedFrames: book.droppedFrames }).toEqual({ closes: 0, droppedFrames: 0 })
      await clock.advance(1)
      connection.checkDeadlines(clock.now())
      if (policy === 'disconnect') expect(book.ends).toEqual([{ reason: 'slow_consumer', unsentFrames: 1 }])
      else
        expect({ closes: seen.closes, droppedFrames: book.droppedFrames }).toEqual({
          closes: 0,
          droppedFrames: dropsOld(policy) ? 1 : 0,
        })
    })
  })

  test.each(['drop_oldest', 'drop_newest', 'conflate'] as const)(
    'with %s, tells what was dropped once the client has caught up',
    async policy => {
      budget = { ...budget, policy, notify: true }
      const { client, connection } = await open({ paused: true })
      await overfill(connection, 10)
      client.resume()
      await until(() => client.frames.some(({ type }) => type === 'lagged'))
      const dropped = book.droppedFrames
      connection.enqueue(nextFrame())
      await until(() => client.eventIds.includes(`e${ordinal}`))
      const notices = client.frames.filter(({ type }) => type === 'lagged')
      expect(notices.length).toBe(1)
      expect(notices[0]?.data).toMatchObject({
        dropped,
        from: expect.any(String) as string,
        to: expect.any(String) as string,
      })
      expect(client.events.length).toBe(ordinal - dropped)
    },
  )

  test('destroys the socket of a disconnected client that never reads the rest', async () => {
    const { connection } = await open({ paused: true })
    await overfill(connection)
    expect(socket.destroyed).toBe(false)
    await clock.advance(10_000)
    expect(socket.destroyed).toBe(true)
    expect(book.ends.length).toBe(1)
  })
})

function dropsOld(policy: SlowConsumerPolicy): boolean {
  return policy === 'drop_oldest' || policy === 'conflate'
}
