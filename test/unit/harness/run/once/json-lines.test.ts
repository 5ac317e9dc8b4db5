import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLines } from '../../../../../harness/run/once/json-lines.ts'

describe('jsonLines', () => {
  it.each([
    ['text', '"text"'],
    [[], '[]'],
    [{}, '{}'],
    [[1, 'a', null], '[1, "a", null]'],
    [{ a: 1, b: [2] }, '{"a": 1, "b": [2]}'],
  ])('keeps %j on one line', (value, text) => {
    expect(jsonLines(value)).toBe(text)
  })

  it('breaks only what does not fit', () => {
    const long = 'x'.repeat(50)
    expect(jsonLines({ first: long, second: { third: long, tags: ['a', 'b'] } })).toBe(
      ['{', `  "first": "${long}",`, `  "second": {"third": "${long}", "tags": ["a", "b"]}`, '}'].join('\n'),
    )
  })

  it('keeps every value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
        const text = jsonLines(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { seed: 1, numRuns: 200 },
    )
  })
})
