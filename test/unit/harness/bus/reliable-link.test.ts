import { array, assert, asyncProperty, integer } from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LinkEnd, MessageCodec } from '../../../../harness/bus/link.ts'
import { decodePacket, PACKET_BYTES } from '../../../../harness/bus/packets.ts'
import { ReliableLink } from '../../../../harness/bus/reliable-link.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { LossyWires } from '../../../support/lossy-wire.ts'

const text: MessageCodec<string, string> = {
  encode: message => message,
  decode: message => {
    if (message === 'nonsense') throw new RangeError('it is nonsense')
    return message
  },
}
const LOST_AFTER_MS = 10_000

let clock: FakeClock
let wires: LossyWires
let near: ReliableLink<string, string>
let far: ReliableLink<string, string>

beforeEach(() => setUp())

function setUp(partBytes = 1000, more: { mostWaitingBytes?: number } = {}): void {
  clock = new FakeClock()
  wires = new LossyWires(clock)
  const options = { clock, codec: text, mostPacketBytes: partBytes + PACKET_BYTES, lostAfterMs: LOST_AFTER_MS, ...more }
  near = new ReliableLink(wires.ends[0], options)
  far = new ReliableLink(wires.ends[1], options)
}

/** Collects what a side receives. */
function taken(link: ReliableLink<string, string>): string[] {
  const messages: string[] = []
  link.receive(message => messages.push(message))
  return messages
}

function watched(link: ReliableLink<string, string>): { end?: LinkEnd } {
  const watch: { end?: LinkEnd } = {}
  void link.ended.then(end => (watch.end = end))
  return watch
}

const numbers = Array.from({ length: 20 }, (_, index) => `message ${index}`)

describe('a reliable link', () => {
  it('passes on messages in both directions, in order', async () => {
    const [here, there] = [taken(near), taken(far)]
    for (const each of numbers) {
      near.send(each)
      far.send(`answer to ${each}`)
    }
    await clock.advance(1)
    expect(there).toEqual(numbers)
    expect(here).toEqual(numbers.map(each => `answer to ${each}`))
  })

  it('passes on every message once, whatever the wire loses, repeats and delays', async () => {
    const fates = array(array(integer({ min: 0, max: 300 }), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 200,
    })
    await assert(
      asyncProperty(fates, integer({ min: 5, max: 40 }), async (delays, partBytes) => {
        setUp(partBytes)
        const [here, there] = [taken(near), taken(far)]
        let packets = 0
        wires.fate = () => delays[packets++] ?? [0]
        for (const each of numbers) {
          near.send(each)
          far.send(each)
          await clock.advance(20)
        }
        await clock.advance(LOST_AFTER_MS * 2)
        expect({ here, there }).toEqual({ here: numbers, there: numbers })
      }),
      { numRuns: 40 },
    )
  })

  it('sends what was lost in a cut again at once when the wire is whole', async () => {
    const there = taken(far)
    wires.fate = () => []
    for (const each of numbers) near.send(each)
    await clock.advance(5000)
    expect(there).toEqual([])
    wires.heal()
    await clock.advance(1)
    expect(there).toEqual(numbers)
  })

  it('carries a message that is larger than a packet, and an empty one', async () => {
    const there = taken(far)
    const large = '€'.repeat(5000)
    near.send(large)
    near.send('')
    await clock.advance(1)
    expect(there).toEqual([large, ''])
  })

  it('sends no packet that is larger than the wire carries', async () => {
    let largest = 0
    wires.fate = packet => {
      largest = Math.max(largest, packet.length)
      return [0]
    }
    near.send('x'.repeat(5001))
    await clock.advance(1)
    expect(largest).toBe(1000 + PACKET_BYTES)
  })

  it('has no more than some megabytes under way at once', async () => {
    let sent = 0
    wires.fate = (packet, from) => {
      if (from === 0) sent += packet.length
      return []
    }
    for (let count = 0; count < 100; count += 1) near.send('x'.repeat(100_000))
    await clock.advance(1)
    expect(sent).toBeGreaterThan(4_000_000)
    expect(sent).toBeLessThan(4_500_000)
  })

  it('is lost when nothing comes from the other side for so long', async () => {
    const watch = watched(near)
    wires.fate = () => []
    await clock.advance(LOST_AFTER_MS - 500)
    expect(watch.end).toBeUndefined()
    await clock.advance(1000)
    expect(watch.end).toEqual({ state: 'lost', detail: 'nothing came from it for 10 s' })
  })

  it('lives while both sides have nothing to say', async () => {
    const watch = watched(near)
    await clock.advance(LOST_AFTER_MS * 5)
    expect(watch.end).toBeUndefined()
  })

  it('is not lost because its own process stood still', async () => {
    const watch = watched(near)
    clock.stall(LOST_AFTER_MS * 3)
    await clock.advance(2000)
    expect(watch.end).toBeUndefined()
  })

  it('ends at both sides when one closes it, after everything that was sent before', async () => {
    const there = taken(far)
    const [here, otherwise] = [watched(near), watched(far)]
    for (const each of numbers) near.send(each)
    near.close()
    near.send('too late')
    await clock.advance(1)
    expect(there).toEqual(numbers)
    expect([here.end?.state, otherwise.end?.state]).toEqual(['closed', 'closed'])
  })

  it('ends at both sides when both close it', async () => {
    const [here, there] = [watched(near), watched(far)]
    near.close()
    far.close()
    await clock.advance(1)
    expect([here.end?.state, there.end?.state]).toEqual(['closed', 'closed'])
  })

  it('ends at the side that closed it even if the other never confirms', async () => {
    const watch = watched(near)
    wires.fate = () => []
    near.close()
    await clock.advance(LOST_AFTER_MS + 1000)
    expect(watch.end?.state).toBe('closed')
  })

  it('is lost for the reason that the other side gave when it abandoned it', async () => {
    const watch = watched(far)
    near.abandon('its process ended with SIGKILL')
    await clock.advance(1)
    expect(watch.end).toEqual({ state: 'lost', detail: 'its process ended with SIGKILL' })
  })

  it('keeps messages and its end for a receiver that comes later', async () => {
    const watch = watched(far)
    near.send('early')
    near.close()
    await clock.advance(1)
    expect(watch.end).toBeUndefined()
    expect(taken(far)).toEqual(['early'])
    await clock.advance(1)
    expect(watch.end?.state).toBe('closed')
  })

  it('is lost when a message cannot be understood', async () => {
    const watch = watched(far)
    taken(far)
    near.send('nonsense')
    await clock.advance(1)
    expect(watch.end).toEqual({ state: 'lost', detail: 'it sent a message that cannot be understood: it is nonsense' })
  })

  it('is lost when the other side takes nothing for too long, so that memory is bounded', async () => {
    setUp(1000, { mostWaitingBytes: 10_000 })
    const watch = watched(near)
    wires.fate = () => []
    for (let count = 0; count < 11; count += 1) near.send('x'.repeat(1000))
    await clock.advance(1)
    expect(watch.end).toEqual({ state: 'lost', detail: 'it takes what it is sent too slowly' })
  })

  it.each([[[]], [[1, 2, 3]], [[9, 0, 0, 0, 0, 0, 0, 0, 0]]])('ignores bytes that are no packet: %j', bytes => {
    expect(decodePacket(Uint8Array.from(bytes))).toBeUndefined()
  })
})
