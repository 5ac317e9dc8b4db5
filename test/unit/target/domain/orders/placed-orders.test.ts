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
  expect([placed.count('a'), placed.count('b'), placed.count('c')]).toEqual([2, 1, 0])
})

test('past the bound the oldest of all is forgotten, and ids go on', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'b', 'b', 'b')
  expect([placed.count('a'), placed.find('a', 10_001), placed.newest('a', 0)]).toEqual([0, undefined, undefined])
  expect(placed.accounts).toBe(1)
  expect(placed.find('b', 10_002)).toBe('b 10002')
  add(placed, 'a')
  expect([placed.find('b', 10_002), placed.find('a', 10_005)]).toEqual([undefined, 'a 10005'])
  expect([placed.count('a'), placed.count('b')]).toEqual([1, 2])
})

test('orders that weigh much displace more than one, and the newest stays whatever it weighs', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'a')
  placed.add('b', 'x'.repeat(KEPT * 2048 - 10), KEPT)
  expect([placed.count('a'), placed.find('a', 10_002)]).toEqual([1, 'a 10002'])
  placed.add('b', 'x'.repeat(KEPT * 2048 + 1), KEPT)
  expect([placed.count('a'), placed.count('b')]).toEqual([0, 1])
  add(placed, 'a', 'a', 'a')
  expect([placed.count('a'), placed.count('b')]).toEqual([3, 0])
})

test('a bound that has shrunk is kept with the next order', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'a', 'a')
  placed.add('a', 'last', 1)
  expect([placed.count('a'), placed.newest('a', 0)]).toEqual([1, 'last'])
})

test('cleared, it begins anew', () => {
  const placed = new PlacedOrders(plenty())
  add(placed, 'a', 'b')
  placed.clear()
  expect([placed.count('a'), placed.find('a', 10_001), placed.nextId]).toEqual([0, undefined, 10_001])
  add(placed, 'b')
  expect(placed.find('b', 10_001)).toBe('b 10001')
})

/** One order for each account, which says whose it is and its id. */
function add(placed: PlacedOrders, ...accounts: string[]): void {
  for (const account of accounts) placed.add(account, `${account} ${placed.nextId}`, KEPT)
}
