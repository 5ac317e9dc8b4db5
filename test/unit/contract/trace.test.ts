import { describe, expect, it } from 'vitest'
import { formatTraceparent, isTraceId, parseTraceparent } from '../../../contract/trace.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

describe('parseTraceparent', () => {
  it('reads the example of the standard, sampled or not', () => {
    expect(parseTraceparent(`00-${trace}-${parent}-01`)).toEqual({ trace, parent, sampled: true })
    expect(parseTraceparent(`00-${trace}-${parent}-00`)).toEqual({ trace, parent, sampled: false })
  })

  it('reads the first fields of later versions, and knows no flag but the first', () => {
    expect(parseTraceparent(`cc-${trace}-${parent}-01-what-the-future-will-be`)).toMatchObject({ trace })
    expect(parseTraceparent(`00-${trace}-${parent}-02`)?.sampled).toBe(false)
    expect(parseTraceparent(`00-${trace}-${parent}-03`)?.sampled).toBe(true)
  })

  it.each([
    ['more fields than its version has', `00-${trace}-${parent}-01-more`],
    ['the forbidden version', `ff-${trace}-${parent}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['a parent of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${trace.toUpperCase()}-${parent}-01`],
    ['a short trace', `00-${trace.slice(1)}-${parent}-01`],
    ['a long trace', `00-${trace}0-${parent}-01`],
    ['two headers in one', `00-${trace}-${parent}-01, 00-${trace}-${parent}-01`],
    ['a line break behind it', `00-${trace}-${parent}-01\n`],
    ['other text', '<script>'],
    ['nothing', undefined],
  ])('rejects %s', (_what, value) => {
    expect(parseTraceparent(value)).toBeUndefined()
  })
})

describe('formatTraceparent', () => {
  it.each([true, false])('writes what parseTraceparent reads, sampled: %s', sampled => {
    expect(parseTraceparent(formatTraceparent({ trace, parent, sampled }))).toEqual({ trace, parent, sampled })
  })
})

describe('isTraceId', () => {
  it.each([
    [trace, true],
    ['0'.repeat(32), false],
    [`${trace}0`, false],
    [trace.toUpperCase(), false],
  ])('says of %s: %s', (text, expected) => {
    expect(isTraceId(text)).toBe(expected)
  })
})
