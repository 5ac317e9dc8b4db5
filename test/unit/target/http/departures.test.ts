import { setImmediate as endOfTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Departures } from '../../../../target/http/departures.ts'

/** A departure that takes a millisecond and notes when it began. */
function departuresNoted() {
  const left: [name: string, at: number][] = []
  const departures = new Departures()
  const add = (name: string, now: number) => {
    departures.add({ leave: at => (left.push([name, at]), at + 1) }, now)
  }
  return { departures, add, left }
}

it('Answers leave at the end of the turn, in order, each when the one before it has left', async () => {
  const { add, left } = departuresNoted()
  add('a', 10)
  add('b', 10.5)
  expect(left).toEqual([])
  await endOfTurn()
  expect(left).toEqual([
    ['a', 10],
    ['b', 11],
  ])
})

it('A full house leaves at once, and so does an answer that has waited long', async () => {
  const { add, left } = departuresNoted()
  for (let ordinal = 1; ordinal <= 31; ordinal++) add('many', 0)
  expect(left).toHaveLength(0)
  add('many', 0)
  expect(left).toHaveLength(32)
  add('first', 50)
  add('late', 52)
  expect(left.slice(32).map(([name]) => name)).toEqual(['first', 'late'])
  await endOfTurn()
  expect(left).toHaveLength(34)
})

it('An answer that is given while others leave waits for the next turn', async () => {
  const { departures, add, left } = departuresNoted()
  departures.add({ leave: at => (add('next', at), at) }, 0)
  await endOfTurn()
  expect(left).toEqual([])
  await endOfTurn()
  expect(left).toHaveLength(1)
})
