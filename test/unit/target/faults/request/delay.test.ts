import { expect, it } from 'vitest'
import { DelayQueue } from '../../../../../core/delay-queue.ts'
import { holdBack } from '../../../../../target/faults/request/delay.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { bareExchange, injectionOf } from './support.ts'

it('delays an exchange by the drawn time, and records it', async () => {
  const clock = new FakeClock()
  const delays = new DelayQueue(clock)
  const exchange = bareExchange()
  const { injection, rule } = injectionOf<'delay'>({ type: 'delay', distribution: 30.5 })
  const delayed = holdBack(injection, 0, exchange, { clock, delays })
  await clock.advance(30)
  expect({ delaysLength: delays.length, reportDelay: rule.book.reportDelay() }).toEqual({
    delaysLength: 1,
    reportDelay: undefined,
  })
  await clock.advance(1)
  expect(await delayed).toEqual({ plannedMs: 30.5, actualMs: 30.5 })
  expect(rule.book.reportDelay()).toMatchObject({ planned: { sumMs: 30.5 }, actual: { sumMs: 30.5 } })
  expect(exchange.onGone).toBeUndefined()
})

it('releases a client that has left at once, and records no delay', async () => {
  const clock = new FakeClock()
  const delays = new DelayQueue(clock)
  const exchange = bareExchange()
  const { injection, rule } = injectionOf<'delay'>({ type: 'delay', distribution: '1h' })
  const delayed = holdBack(injection, 0, exchange, { clock, delays })
  exchange.onGone!()
  expect(delays.length).toBe(0)
  expect(await delayed).toBeUndefined()
  expect(rule.book.reportDelay()).toBeUndefined()
})

it('does not begin for a client that has left already', async () => {
  const clock = new FakeClock()
  const delays = new DelayQueue(clock)
  const exchange = { ...bareExchange(), isOpen: false }
  const { injection } = injectionOf<'delay'>({ type: 'delay', distribution: '1h' })
  expect(await holdBack(injection, 0, exchange, { clock, delays })).toBeUndefined()
  expect(delays.length).toBe(0)
})

it('draws again for each chunk, the same for the same key', async () => {
  const clock = new FakeClock()
  const parts = { clock, delays: new DelayQueue(clock) }
  const distribution = { type: 'uniform', min: '10ms', max: '20ms' } as const
  const drawn = async (ordinal: number) => {
    const { injection } = injectionOf<'delay'>({ type: 'delay', at: 'between_chunks', distribution })
    return (await clock.finish(holdBack(injection, ordinal, bareExchange(), parts)))!.plannedMs
  }
  const [first, second, again] = [await drawn(0), await drawn(1), await drawn(0)]
  expect(first).not.toBe(second)
  expect(again).toBe(first)
})
