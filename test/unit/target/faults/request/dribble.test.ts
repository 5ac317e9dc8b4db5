import { expect, it } from 'vitest'
import { Dribble } from '../../../../../target/faults/request/dribble.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { injectionOf } from './support.ts'

it('lets no byte through before its time, and makes errors of the timer up', () => {
  const clock = new FakeClock()
  const { injection, rule } = injectionOf<'dribble'>({ type: 'dribble', bytesPerSecond: 1000 })
  const dribble = new Dribble(injection, clock)
  expect(dribble.pieceBytes).toBe(50)
  expect(dribble.next(50)).toBe(50)
  clock.stall(53)
  expect(dribble.next(50)).toBe(100)
  clock.stall(50)
  dribble.over()
  expect(rule.book.reportDelay()).toMatchObject({ planned: { sumMs: 100 }, actual: { sumMs: 103 } })
})

it('does not make up for a client that did not read: it would come in a burst', () => {
  const clock = new FakeClock()
  const dribble = new Dribble(
    injectionOf<'dribble'>({ type: 'dribble', bytesPerSecond: 100, pieceBytes: 1 }).injection,
    clock,
  )
  expect(dribble.next(1)).toBe(10)
  clock.stall(5000)
  expect(dribble.next(1)).toBe(4910)
})

it.each([
  [1, 1],
  [19, 1],
  [1_000_000, 50_000],
])('of %d bytes a second comes in pieces of %d', (bytesPerSecond, pieceBytes) => {
  const { injection } = injectionOf<'dribble'>({ type: 'dribble', bytesPerSecond })
  expect(new Dribble(injection, new FakeClock()).pieceBytes).toBe(pieceBytes)
})
