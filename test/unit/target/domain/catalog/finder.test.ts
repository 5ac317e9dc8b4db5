import { expect, it } from 'vitest'
import { RecentResults } from '../../../../../target/domain/catalog/finder.ts'

/** Counts how often each key was searched for. */
function counting(results: RecentResults) {
  const searches: Record<string, number> = {}
  const ask = (key: string, length: number) =>
    results.get(key, () => {
      searches[key] = (searches[key] ?? 0) + 1
      return new Uint32Array(length)
    })
  return { searches, ask }
}

it('searches once for a repeated query', () => {
  const { searches, ask } = counting(new RecentResults(100))
  expect(ask('a', 3)).toBe(ask('a', 3))
  ask('b', 3)
  expect(searches).toEqual({ a: 1, b: 1 })
})

it('forgets the least recently used query once it holds too many ids', () => {
  const { searches, ask } = counting(new RecentResults(100))
  ask('a', 40)
  ask('b', 40)
  ask('a', 40)
  ask('c', 40)
  ask('a', 40)
  ask('c', 40)
  expect(searches).toEqual({ a: 1, b: 1, c: 1 })
  ask('b', 40)
  expect(searches).toEqual({ a: 1, b: 2, c: 1 })
})

it('keeps no result that is larger than all it may hold', () => {
  const { searches, ask } = counting(new RecentResults(100))
  ask('a', 40)
  expect(ask('large', 101).length).toBe(101)
  ask('large', 101)
  ask('a', 40)
  expect(searches).toEqual({ a: 2, large: 2 })
  ask('b', 60)
  ask('a', 40)
  expect(searches).toEqual({ a: 2, large: 2, b: 1 })
})

it('keeps a limited number of empty results', () => {
  const { searches, ask } = counting(new RecentResults(100))
  for (let number = 0; number < 5000; number++) ask(`nothing ${number}`, 0)
  ask('nothing 4999', 0)
  ask('nothing 0', 0)
  expect({ searchesNothing4999: searches['nothing 4999'], searchesNothing0: searches['nothing 0'] }).toEqual({
    searchesNothing4999: 1,
    searchesNothing0: 2,
  })
})
