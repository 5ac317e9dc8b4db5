import { describe, expect, it } from 'vitest'
import { beginningOf, endOf, linesOf, textOf } from '../../../../../calibration/audit/reading/source-text.ts'
import { sourceOfText } from '../../../../support/tool-samples.ts'

describe('textOf', () => {
  it('reads UTF-8 and UTF-16 without their marks', () => {
    expect(textOf(sourceOfText('\ufeffé'))).toBe('é')
    expect(textOf({ name: 'x', bytes: Buffer.from('\ufeffRunning', 'utf16le') })).toBe('Running')
  })

  it('refuses what is no text', () => {
    expect(() => textOf({ name: 'x.bin', bytes: Buffer.from([0x61, 0xff, 0xfe, 0x61]) })).toThrow(
      /^x.bin: line 1 is not UTF-8/,
    )
  })

  it('refuses a file larger than any summary', () => {
    expect(() => textOf({ name: 'x', bytes: Buffer.alloc(65 * 2 ** 20) })).toThrow(/at most 64 MiB, got 65 MiB/)
  })
})

describe('beginningOf and endOf', () => {
  it('return the first and last characters only', () => {
    const source = sourceOfText(`first${'.'.repeat(10_000)}last`)
    expect({ first: beginningOf(source).slice(0, 5), length: beginningOf(source).length }).toEqual({
      first: 'first',
      length: 4096,
    })
    expect({ last: endOf(source).slice(-4), length: endOf(source).length }).toEqual({ last: 'last', length: 4096 })
  })

  it('tell a text in UTF-16 by its words', () => {
    expect(beginningOf({ name: 'x', bytes: Buffer.from('\ufeffRunning', 'utf16le') })).toBe('Running')
  })
})

describe('linesOf', () => {
  it('returns lines with their numbers, without empty ones, and says whether the last is whole', () => {
    expect([...linesOf(sourceOfText('a\r\n\nb\nc'))]).toEqual([
      { number: 1, text: 'a', isWhole: true },
      { number: 3, text: 'b', isWhole: true },
      { number: 4, text: 'c', isWhole: false },
    ])
  })

  it('refuses a line without an end', () => {
    expect(() => [...linesOf(sourceOfText('x'.repeat(2 ** 20 + 1), 'x.log'))]).toThrow(/^x.log: line 1 is longer than/)
  })
})
