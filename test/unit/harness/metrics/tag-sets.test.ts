import { describe, expect, it } from 'vitest'
import { TagSets } from '../../../../harness/metrics/tag-sets.ts'

describe('TagSets', () => {
  it('returns one object for equal sets, because series are found by identity', () => {
    const sets = new TagSets(['region', 'retry'])
    const base = { plan: 'gold' }
    const tags = sets.withGiven(base, { region: 'eu', retry: 2 })
    expect(tags).toEqual({ plan: 'gold', region: 'eu', retry: '2' })
    expect(sets.withGiven(base, { region: 'eu', retry: '2' })).toBe(tags)
    expect(sets.withGiven(undefined, { region: 'eu', retry: 2 })).not.toBe(tags)
    const more = { group: 'cart' }
    expect(sets.joined(base, more)).toBe(sets.joined(base, more))
  })

  it('returns the base itself without values, and leaves out the name', () => {
    const sets = new TagSets(['region'])
    const base = { plan: 'gold' }
    expect(sets.withGiven(base, {})).toBe(base)
    expect(sets.withGiven(base, { region: undefined, name: '/x' })).toBe(base)
  })

  it('gathers the values beyond 100 of a tag under one', () => {
    const sets = new TagSets(['id'])
    const seen = new Set<unknown>()
    for (let id = 0; id < 5000; id += 1) seen.add(sets.withGiven(undefined, { id })?.['id'])
    expect(seen.size).toBe(101)
    expect([...seen].at(-1)).toBe('(other)')
    expect(sets.withGiven(undefined, { id: 4998 })).toBe(sets.withGiven(undefined, { id: 4999 }))
    expect(sets.withGiven(undefined, { id: 7 })).toEqual({ id: '7' })
  })

  it('keeps values that thresholds ask for, however many there are', () => {
    const sets = new TagSets(['id'], [{ id: '4999', user: 'u' }])
    for (let id = 0; id < 5000; id += 1) sets.withGiven(undefined, { id })
    expect(sets.withGiven(undefined, { id: 4999 })).toEqual({ id: '4999' })
    expect(sets.withGiven(undefined, { id: 4998 })).toEqual({ id: '(other)' })
  })

  it('tells sets apart whose values contain line breaks', () => {
    const sets = new TagSets(['a', 'b'])
    const one = sets.withGiven(undefined, { a: 'x', b: 'y' })
    expect(sets.withGiven(undefined, { a: 'x\nb\ny' })).toEqual({ a: 'x\nb\ny' })
    expect(sets.withGiven(undefined, { a: 'x', b: 'y' })).toBe(one)
  })

  it('bounds the number of sets of several tags', () => {
    const sets = new TagSets(['a', 'b', 'c'])
    const seen = new Set<unknown>()
    for (let n = 0; n < 60_000; n += 1) seen.add(sets.withGiven(undefined, { a: n % 90, b: n % 89, c: n % 83 }))
    expect(seen.size).toBeLessThan(1100)
  })

  it.each([
    [{ regoin: 'eu' }, `there is no tag "regoin" in the scenario's tags; did you mean "region"?`],
    [{ country: 'eu' }, `there is no tag "country" in the scenario's tags; add it there: tags: ['country']`],
    [{ status: '200' }, 'the tag status is set by Loadcell: choose another key'],
    [{ region: '' }, 'the tag region: expected a value, got an empty text'],
    [{ region: {} as string }, 'the tag region: expected a text, a number or a boolean, got object'],
  ])('refuses %o with a reason', (given, message) => {
    expect(() => new TagSets(['region']).withGiven(undefined, given)).toThrow(message)
  })
})
