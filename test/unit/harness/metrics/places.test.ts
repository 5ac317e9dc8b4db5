import { describe, expect, it } from 'vitest'
import { boundedPlaces, isPlace } from '../../../../harness/metrics/places.ts'

describe('a place', () => {
  it.each(['eu-west', 'a', 'rack_7.b', '0', 'x'.repeat(63)])('may be called %s', text => {
    expect(isPlace(text)).toBe(true)
  })

  it.each(['', '-eu', 'eu west', 'eu,us', 'ü', '(other)', 'eu\n', 'x'.repeat(64)])('may not be called %j', text => {
    expect(isPlace(text)).toBe(false)
  })
})

describe('the places of all workers', () => {
  const many = Array.from({ length: 40 }, (_, worker) => `place-${worker}`)

  it('are kept as they are, workers without one included', () => {
    expect(boundedPlaces(['eu', undefined, 'us', 'eu'])).toEqual(['eu', undefined, 'us', 'eu'])
  })

  it('are at most 32, and the workers of further ones share one', () => {
    const bounded = boundedPlaces([...many, 'place-0'])
    expect(bounded.slice(0, 32)).toEqual(many.slice(0, 32))
    expect(new Set(bounded.slice(32, 40))).toEqual(new Set(['(other)']))
    expect(bounded.at(-1)).toBe('place-0')
  })

  it('have no names that are not allowed, whatever a worker says', () => {
    expect(boundedPlaces(['eu', '\u001b[31m', 'a,b'])).toEqual(['eu', '(other)', '(other)'])
  })

  it('keep their names where a threshold asks for them', () => {
    const bounded = boundedPlaces(many, ['place-39', 'nowhere'])
    expect(bounded.at(-1)).toBe('place-39')
    expect(bounded[31]).toBe('(other)')
    expect(new Set(bounded).size).toBe(33)
  })
})
