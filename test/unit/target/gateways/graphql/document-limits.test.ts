import { type GraphQLError, Kind, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { checkLimits } from '../../../../../target/gateways/graphql/document-limits.ts'

const roomy = { depth: 100, cost: 100_000, aliases: 100 }

/** Returns the code of the limit that an operation passes; `fits` without one. */
function verdict(text: string, limits: Partial<typeof roomy>, variables: Record<string, unknown> = {}): string {
  const document = parse(text)
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  try {
    checkLimits(document, operation as never, variables, { ...roomy, ...limits })
    return 'fits'
  } catch (error) {
    return (error as GraphQLError).extensions['code'] as string
  }
}

describe('the depth of an operation', () => {
  it.each([
    ['{ a { b { c } } }', 3],
    ['{ a { ... on A { b { ...f } } } } fragment f on B { c }', 3],
    ['{ a b c }', 1],
  ])('counts levels of fields, and no fragments: %s', (text, levels) => {
    expect([verdict(text, { depth: levels }), verdict(text, { depth: levels - 1 })]).toEqual(['fits', 'too_deep'])
  })

  it('does not count introspection', () => {
    expect(verdict('{ __schema { types { fields { type { ofType { name } } } } } }', { depth: 1 })).toBe('fits')
  })
})

describe('the cost of an operation', () => {
  it.each([
    ['one for each field', '{ a { b c } }', {}, 3],
    ['fields below a limit as often as it says', '{ orders(limit: 10) { items { id } } }', {}, 1 + 10 + 10],
    ['the limit in a variable', 'query ($n: Int) { orders(limit: $n) { id } }', { n: 7 }, 1 + 7],
    ['the default of a list', '{ orders { id } }', {}, 1 + 20],
    ['nested limits as their product', '{ a(limit: 3) { b(limit: 4) { c } } }', {}, 1 + 3 + 12],
    ['a fragment each time that it is used', '{ ...f ...f } fragment f on Q { a b }', {}, 4],
    ['nothing more for a limit that is no number', 'query ($n: Int) { a(limit: $n) { b } }', { n: 'x' }, 2],
  ])('is %s', (_name, text, variables, cost) => {
    expect([verdict(text, { cost }, variables), verdict(text, { cost: cost - 1 }, variables)]).toEqual([
      'fits',
      'too_costly',
    ])
  })
})

describe('fragments', () => {
  it('that contain themselves are refused', () => {
    expect(verdict('{ ...a } fragment a on Q { b { ...c } } fragment c on Q { ...a }', {})).toBe('fragment_cycle')
  })

  it('that are unknown are left to the validation', () => {
    expect(verdict('{ ...nowhere }', {})).toBe('fits')
  })

  it('that double are given up at the limit of the cost', () => {
    const doubling = Array.from({ length: 60 }, (_, n) => `fragment f${n} on Q { ...f${n + 1} ...f${n + 1} }`)
    expect(verdict(`{ ...f0 } ${doubling.join(' ')} fragment f60 on Q { a }`, { cost: 1000 })).toBe('too_costly')
  })
})

it('counts aliases as often as their fragment is used', () => {
  const text = '{ x: a ...f ...f } fragment f on Q { y: b }'
  expect([verdict(text, { aliases: 3 }), verdict(text, { aliases: 2 })]).toEqual(['fits', 'too_many_aliases'])
})
