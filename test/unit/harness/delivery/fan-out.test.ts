import { describe, expect, it } from 'vitest'
import { FanOut } from '../../../../harness/delivery/fan-out.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { RecordingRecorder } from '../client/support.ts'

function start() {
  const clock = new FakeClock()
  const recorder = new RecordingRecorder()
  const fanOut = new FanOut(clock)
  const sequence = fanOut.of('orders/0', recorder, { stream: 'orders' })!
  const skews = () => {
    fanOut.end()
    return recorder.of('event_fanout_skew').map(({ value }) => value)
  }
  return { clock, recorder, fanOut, sequence, skews }
}

describe('FanOut', () => {
  it('measures the time from the first receipt of an event to its last', async () => {
    const { clock, sequence, skews } = start()
    sequence.received(0)
    await clock.advance(5)
    sequence.received(0)
    sequence.received(1)
    await clock.advance(7)
    sequence.received(0)
    expect(skews()).toEqual([12])
  })

  it('has no skew for an event that only one consumer received', () => {
    const { sequence, skews } = start()
    sequence.received(3)
    expect(skews()).toEqual([])
  })

  it('keeps sequences apart', async () => {
    const { clock, recorder, fanOut, sequence, skews } = start()
    sequence.received(0)
    await clock.advance(5)
    fanOut.of('orders/1', recorder, {})!.received(0)
    expect(skews()).toEqual([])
  })

  it('follows a limited number of events, and does not mistake a late receipt for a first one', async () => {
    const { clock, sequence, skews } = start()
    for (let ordinal = 0; ordinal < 5000; ordinal++) sequence.received(ordinal)
    expect(sequence.events.size).toBe(4096)
    await clock.advance(9)
    for (let ordinal = 0; ordinal < 5000; ordinal++) sequence.received(ordinal)
    expect(sequence.events.size).toBe(4096)
    expect(skews()).toEqual(Array.from({ length: 4096 }, () => 9))
  })

  it('samples fewer events when there are too many, and never counts half an event', async () => {
    const { clock, sequence, skews } = start()
    const consumers = 100
    for (let ordinal = 0; ordinal < 1000; ordinal++) {
      for (let consumer = 0; consumer < consumers; consumer++) sequence.received(ordinal)
    }
    await clock.advance(3)
    for (let ordinal = 0; ordinal < 1000; ordinal++) sequence.received(ordinal)
    const found = skews()
    expect(found.length).toBeGreaterThan(10)
    expect(found.length).toBeLessThan(500)
    expect(new Set(found)).toEqual(new Set([3]))
  })
})
