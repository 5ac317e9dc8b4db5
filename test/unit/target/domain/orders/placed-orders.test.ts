import { expect, test } from 'vitest'
import { PlacedOrders } from '../../../../../target/domain/orders/placed-orders.ts'
import { plenty } from '../../../../support/memory.ts'

const KEPT = 3

test('ids go up by one over all accounts, and an order is found by its own account only', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'b', 'a')
  expect(placed.nextId).toBe(10_004)
  expect(['a', 'b'].map(account => [10_001, 10_002, 10_003].map(id => placed.find(account, id)))).toEqual([
    ['a 10001', undefined, 'a 10003'],
    [undefined, 'b 10002', undefined],
  ])
  expect([10_000, 10_004, 0, -1, 1e15].map(id => placed.find('a', id))).toEqual(Array(5).fill(undefined))
})

test('an account lists its own, newest first', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'b', 'a')
  expect([0, 1, 2].map(place => placed.newest('a', place))).toEqual(['a 10003', 'a 10001', undefined])
  expect({ placedCountA: placed.count('a'), placedCountB: placed.count('b'), placedCountC: placed.count('c') }).toEqual(
    { placedCountA: 2, placedCountB: 1, placedCountC: 0 },
  )
})

test('past the bound the oldest of all is forgotten, and ids go on', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'b', 'b', 'b')
  expect({
    placedCountA: placed.count('a'),
    findA10001: placed.find('a', 10_001),
    newestA0: placed.newest('a', 0),
  }).toEqual({ placedCountA: 0, findA10001: undefined, newestA0: undefined })
  expect(placed.accounts).toBe(1)
  expect(placed.find('b', 10_002)).toBe('b 10002')
  add(placed, 'a')
  expect({ findB10002: placed.find('b', 10_002), findA10005: placed.find('a', 10_005) }).toEqual({
    findB10002: undefined,
    findA10005: 'a 10005',
  })
  expect({ placedCountA: placed.count('a'), placedCountB: placed.count('b') }).toEqual({
    placedCountA: 1,
    placedCountB: 2,
  })
})

test('orders that weigh much displace more than one, and the newest stays whatever it weighs', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'a')
  placed.add('b', 'x'.repeat(KEPT * 2048 - 10), KEPT)
  expect({ placedCountA: placed.count('a'), findA10002: placed.find('a', 10_002) }).toEqual({
    placedCountA: 1,
    findA10002: 'a 10002',
  })
  placed.add('b', 'x'.repeat(KEPT * 2048 + 1), KEPT)
  expect({ placedCountA: placed.count('a'), placedCountB: placed.count('b') }).toEqual({
    placedCountA: 0,
    placedCountB: 1,
  })
  add(placed, 'a', 'a', 'a')
  expect({ placedCountA: placed.count('a'), placedCountB: placed.count('b') }).toEqual({
    placedCountA: 3,
    placedCountB: 0,
  })
})

test('a bound that has shrunk is kept with the next order', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'a', 'a')
  placed.add('a', 'last', 1)
  expect({ placedCountA: placed.count('a'), newestA0: placed.newest('a', 0) }).toEqual({
    placedCountA: 1,
    newestA0: 'last',
  })
})

test('cleared, it begins anew', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'b')
  placed.clear()
  expect({ placedCountA: placed.count('a'), findA10001: placed.find('a', 10_001), nextId: placed.nextId }).toEqual({
    placedCountA: 0,
    findA10001: undefined,
    nextId: 10_001,
  })
  add(placed, 'b')
  expect(placed.find('b', 10_001)).toBe('b 10001')
})

/** One order for each account, which says whose it is and its id. */
function add(placed: PlacedOrders, ...accounts: string[]): void {
  for (const account of accounts) placed.add(account, `${account} ${placed.nextId}`, KEPT)
}
