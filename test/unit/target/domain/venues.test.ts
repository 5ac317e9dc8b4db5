import { expect, it } from 'vitest'
import { Venues } from '../../../../target/domain/venues.ts'
import { plenty } from '../../../support/memory.ts'

interface Place {
  name: string
  isEmpty: boolean
}

function some() {
  const forgotten: string[] = []
  const memory = plenty()
  const venues = new Venues<Place>(
    memory.table('outboxes'),
    (tenant, name) => ({ name: `${tenant}/${name}`, isEmpty: true }),
    ({ name }) => forgotten.push(name),
  )
  const enter = (name: string) => {
    const venue = venues.open('t', name, 3)
    if (venue !== undefined) venue.isEmpty = false
    return venue
  }
  const leave = (name: string) => {
    const venue = venues.find('t', name)
    if (venue !== undefined) venue.isEmpty = true
    venues.left('t', name)
  }
  return { venues, forgotten, memory, enter, leave }
}

it('gives the same venue for the same name, and one of its own to each tenant', () => {
  const { venues, enter } = some()
  const venue = enter('a')
  expect(enter('a')).toBe(venue)
  expect(venues.open('other', 'a', 3)).not.toBe(venue)
  expect(venues.find('t', 'b')).toBeUndefined()
})

it('forgets the one that was left first, and none that has members again', () => {
  const { forgotten, enter, leave } = some()
  for (const name of ['a', 'b', 'c']) enter(name)
  for (const name of ['c', 'b', 'a']) leave(name)
  enter('c')
  enter('d')
  expect(forgotten).toEqual(['t/b'])
})

it('forgets one that never had members', () => {
  const { venues, forgotten } = some()
  for (const name of ['a', 'b', 'c', 'd']) venues.open('t', name, 3)
  expect(forgotten).toEqual(['t/a'])
})

it('makes no more venues while each has members', () => {
  const { enter, leave } = some()
  for (const name of ['a', 'b', 'c']) enter(name)
  expect(enter('d')).toBeUndefined()
  leave('b')
  expect(enter('d')).toMatchObject({ name: 't/d' })
  expect(enter('b')).toBeUndefined()
})

it('keeps to a number that has become smaller, as far as venues are empty', () => {
  const { venues, forgotten, enter, leave } = some()
  for (const name of ['a', 'b', 'c']) enter(name)
  leave('b')
  leave('a')
  expect(venues.open('t', 'd', 1)).toBeUndefined()
  expect(forgotten).toEqual(['t/b', 't/a'])
})

it('forgets all that are empty when asked', () => {
  const { venues, forgotten, enter, leave } = some()
  for (const name of ['a', 'b', 'c']) enter(name)
  leave('c')
  leave('a')
  venues.forgetEmpty()
  expect(forgotten).toEqual(['t/c', 't/a'])
  expect([...venues.all()].map(({ name }) => name)).toEqual(['t/b'])
})

it('charges its budget for the venues that it keeps, and for no other', () => {
  const { venues, memory, enter, leave } = some()
  enter('a')
  const one = memory.usedBytes
  expect(one).toBeGreaterThan(0)
  enter('b')
  leave('b')
  expect(memory.usedBytes).toBe(2 * one)
  venues.forgetEmpty()
  expect(memory.usedBytes).toBe(one)
})
