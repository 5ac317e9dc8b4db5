import { describe, expect, it } from 'vitest'
import { Audience } from '../../../../target/connections/audience.ts'
import { Connection } from '../../../../target/connections/connection.ts'
import { Flusher } from '../../../../target/connections/flusher.ts'
import { chunkOf } from '../../../../target/connections/http-wire.ts'
import { CountingConsumerBook } from '../../../support/consumer-book.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { FakeWire } from '../../../support/fake-wire.ts'
import { eventAbout } from '../../../support/frame-about.ts'
import { roomy } from '../../../support/memory.ts'

const clock = new FakeClock()
const flusher = new Flusher(clock)
const budget = { policy: 'disconnect', budgetBytes: 10_000, budgetAgeMs: 1000, notify: false } as const
const budgetOf = () => budget

const turn = () => new Promise(resolve => setImmediate(resolve))
const frame = (name: string) => chunkOf(name, eventAbout(1))

/** Returns an open connection, and the names of the frames in each of its writes. */
function connect(budget = budgetOf) {
  const writes: string[] = []
  const wire = new FakeWire(1000, text => writes.push(text.replaceAll(/\d+\r\n|\r\n/g, '')))
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
async function seated(audience: Audience, count: number) {
  const listeners = Array.from({ length: count }, () => connect())
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
})
