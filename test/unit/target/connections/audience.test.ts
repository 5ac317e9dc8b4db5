import { describe, expect, it } from 'vitest'
import { Audience } from '../../../../target/connections/audience.ts'
import { Connection } from '../../../../target/connections/connection.ts'
import { Flusher } from '../../../../target/connections/flusher.ts'
import { chunked, chunkOf, identity } from '../../../../target/connections/http-wire.ts'
import type { Encoding } from '../../../../target/connections/wire.ts'
import { CountingConsumerBook } from '../../../support/consumer-book.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { classOfHandles, FakeTcpWire } from '../../../support/fake-tcp-wire.ts'
import { FakeWire } from '../../../support/fake-wire.ts'
import { eventAbout } from '../../../support/frame-about.ts'
import { roomy } from '../../../support/memory.ts'

const clock = new FakeClock()
const flusher = new Flusher(clock)
const budget = { policy: 'disconnect', budgetBytes: 10_000, budgetAgeMs: 1000, notify: false } as const
const budgetOf = () => budget

const turn = () => new Promise(resolve => setImmediate(resolve))
const frame = (name: string) => chunkOf(name, eventAbout(1))

type AnyWire = FakeWire | FakeTcpWire
const Tcp = await classOfHandles()
const overStream = (onWrite: (text: string) => void) => new FakeWire(1000, onWrite)
const overTcp = (onWrite: (text: string) => void) => new FakeTcpWire(Tcp, 1000, onWrite)

/** Returns an open connection, and the names of the frames in each of its writes. */
function connect(budget = budgetOf, makeWire: (onWrite: (text: string) => void) => AnyWire = overStream) {
  const writes: string[] = []
  const wire = makeWire(text => writes.push(text.replaceAll(/\d+\r\n|\r\n/g, '')))
  const book = new CountingConsumerBook()
  const connection = new Connection({
    wire,
    clock,
    flusher,
    budget,
    memory: roomy(),
    consumer: book,
    lagged: () => frame('lagged'),
    onClosed: () => {},
  })
  return { connection, wire, book, writes }
}

/** Returns connections that each have a seat. */
async function seated(audience: Audience, count: number, makeWire?: typeof overTcp) {
  const listeners = Array.from({ length: count }, () => connect(budgetOf, makeWire))
  for (const { connection } of listeners) audience.add(connection)
  audience.offer(frame('first'))
  await turn()
  for (const { connection, writes } of listeners) {
    expect(connection.seat).toBeGreaterThanOrEqual(0)
    writes.length = 0
  }
  return listeners
}

describe('An audience', () => {
  it('gives all frames of a turn together to those that have a seat, and to those that stand', async () => {
    const audience = new Audience()
    const listeners = [...(await seated(audience, 3)), connect()]
    audience.add(listeners[3]!.connection)
    for (const name of ['a', 'b', 'c']) audience.offer(frame(name))
    await turn()
    expect(listeners.map(({ writes }) => writes)).toEqual([['abc'], ['abc'], ['abc'], ['abc']])
    expect(listeners.map(({ book }) => book.deliveredFrames)).toEqual([4, 4, 4, 3])
  })

  it('gives a frame to all but one, which keeps its other frames in order', async () => {
    const audience = new Audience()
    const [sender, other] = await seated(audience, 2)
    audience.offer(frame('a'))
    audience.offer(frame('own'), sender!.connection)
    audience.offer(frame('b'))
    await turn()
    expect([sender!.writes, other!.writes]).toEqual([['ab'], ['aownb']])
    expect(sender!.connection.seat).toBeGreaterThanOrEqual(0)
  })

  it('shares a connection with another without changing the order', async () => {
    const [one, other] = [new Audience(), new Audience()]
    const [listener] = await seated(one, 1)
    other.add(listener!.connection)
    one.offer(frame('a'))
    other.offer(frame('b'))
    one.offer(frame('c'))
    await turn()
    expect(listener!.writes).toEqual(['abc'])
    expect([one.size, other.size]).toEqual([1, 1])
  })

  it('has no seat for a connection with limits of its own', async () => {
    const audience = new Audience()
    await seated(audience, 1)
    const { connection, writes } = connect(() => budget)
    audience.add(connection)
    for (const name of ['a', 'b']) {
      audience.offer(frame(name))
      await turn()
    }
    expect(writes).toEqual(['a', 'b'])
    expect(connection.seat).toBe(-1)
  })

  it('writes what was noted for a connection that leaves it, and nothing later', async () => {
    const audience = new Audience()
    const [first, last] = await seated(audience, 2)
    audience.offer(frame('a'))
    expect(audience.delete(first!.connection)).toBe(true)
    expect(audience.delete(first!.connection)).toBe(false)
    audience.offer(frame('b'))
    await turn()
    expect([first!.writes, last!.writes]).toEqual([['a'], ['ab']])
    expect(audience.size).toBe(1)
  })

  it('counts what was noted as unsent for a client that leaves before the end of the turn', async () => {
    const audience = new Audience()
    const [gone, other] = await seated(audience, 2)
    audience.offer(frame('a'))
    gone!.wire.vanish()
    audience.delete(gone!.connection)
    await turn()
    expect(gone!.book.ends).toEqual([{ reason: 'client', unsentFrames: 1 }])
    expect([gone!.writes, other!.writes]).toEqual([[], ['a']])
  })

  describe('over TCP connections', () => {
    it('writes to each, and counts what was written whenever somebody asks', async () => {
      const audience = new Audience()
      const listeners = await seated(audience, 3, overTcp)
      for (const name of ['a', 'b']) {
        audience.offer(frame(name))
        await turn()
      }
      expect(listeners.map(({ writes }) => writes)).toEqual([
        ['a', 'b'],
        ['a', 'b'],
        ['a', 'b'],
      ])
      expect(listeners.map(({ book }) => book.deliveredFrames)).toEqual([3, 3, 3])
      expect(listeners.map(({ connection }) => connection.payloadBytes)).toEqual([7, 7, 7])
    })

    it('writes behind what waits in the stream, and gives every frame to a connection that holds a part', async () => {
      const audience = new Audience()
      const [slow, other] = await seated(audience, 2, overTcp)
      slow!.wire.stall()
      for (const pong of ['pong', 'pong']) slow!.wire.socket.write(pong)
      audience.offer(frame('a'))
      await turn()
      expect([slow!.connection.seat, slow!.connection.bufferedBytes]).toEqual([-1, 8 + frame('a').bytes.length])
      slow!.wire.drain()
      await turn()
      expect([slow!.writes, other!.writes]).toEqual([['pong', 'pong', 'a'], ['a']])
    })

    it('charges a connection for a write of which the kernel takes a part', async () => {
      const audience = new Audience()
      const [slow] = await seated(audience, 2, overTcp)
      slow!.wire.stall()
      audience.offer(frame('a'))
      await turn()
      expect([slow!.connection.seat, slow!.connection.bufferedBytes]).toEqual([-1, frame('a').bytes.length])
    })

    it('writes nothing behind the end of a protocol, and counts it as unsent', async () => {
      const audience = new Audience()
      const [leaving, other] = await seated(audience, 2, overTcp)
      leaving!.wire.leave()
      audience.offer(frame('a'))
      await turn()
      expect([leaving!.writes, other!.writes]).toEqual([[], ['a']])
      expect(leaving!.book.ends).toEqual([{ reason: 'client', unsentFrames: 1 }])
    })

    it('serves clients with different encodings', async () => {
      const audience = new Audience()
      const written: string[] = []
      const recording = (encoding: Encoding) => () => new FakeTcpWire(Tcp, 1000, text => written.push(text), encoding)
      await seated(audience, 2, recording(chunked))
      await seated(audience, 2, recording(identity))
      written.length = 0
      audience.offer(frame('a'))
      await turn()
      expect(written.toSorted()).toEqual(['1\r\na\r\n', '1\r\na\r\n', 'a', 'a'])
    })
  })
})
