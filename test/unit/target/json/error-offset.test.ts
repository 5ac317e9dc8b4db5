import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonErrorOffset } from '../../../../target/json/error-offset.ts'

describe('jsonErrorOffset', () => {
  it.each([
    ['', 0],
    ['{"a":x}', 5],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[}', 1],
    ['{a:1}', 1],
    ['{"a":1}x', 7],
    ['{"a":"open', 10],
    ['["bad \\x escape"]', 6],
    ['"line\nbreak"', 5],
    ['01', 1],
    ['[[[', 3],
  ])('finds the first wrong character of %j', (text, offset) => {
    expect(jsonErrorOffset(text)).toBe(offset)
  })

  it('agrees with JSON.parse on valid JSON', () => {
    const damage = fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '-', '1', '.', 'e', 't', '\\', ' ', '\n')
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(2), damage, (json, place, removed, inserted) => {
        const at = place % (json.length + 1)
        const text = json.slice(0, at) + inserted + json.slice(at + removed)
        expect(jsonErrorOffset(text) === undefined).toBe(isJson(text))
      }),
      { numRuns: 2000, seed: 1 },
    )
  })

  it('handles strings and depths that would overflow the stack of a recursive parser', () => {
    expect(jsonErrorOffset(`["${'a'.repeat(2_000_000)}`)).toBe(2_000_002)
    expect(jsonErrorOffset('['.repeat(200_000))).toBe(200_000)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
