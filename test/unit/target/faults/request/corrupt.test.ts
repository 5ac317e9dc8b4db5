import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { random } from '../../../../../core/random.ts'
import { flipBits, invalidJson, wrongContentType } from '../../../../../target/faults/request/corrupt.ts'

it('makes any JSON invalid, whatever its end, and keeps its length', () => {
  const text = fc.tuple(fc.json(), fc.constantFrom('', ' ', '\n', ' \r\n\t')).map(parts => parts.join(''))
  fc.assert(
    fc.property(text, json => {
      const sent = Buffer.from(json)
      const spoilt = invalidJson(sent)
      expect(spoilt).toHaveLength(sent.length)
      expect(() => JSON.parse(spoilt.toString()) as unknown).toThrow(SyntaxError)
      // The handler's own buffer may be in use elsewhere.
      expect(sent.toString()).toBe(json)
    }),
    { seed: 3, numRuns: 500 },
  )
})

it('flips exactly as many bits as there are to flip, the same for the same draws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 }), (bytes, flips) => {
      const body = Buffer.from(bytes)
      const flipped = flipBits(body, flips, random(9).fork('a'))
      const differing = body.reduce((sum, byte, at) => sum + bitsOf(byte ^ flipped[at]!), 0)
      expect(differing).toBe(Math.min(flips, body.length * 8))
      expect(flipBits(body, flips, random(9).fork('a'))).toEqual(flipped)
    }),
    { seed: 3 },
  )
  const one = flipBits(Buffer.alloc(1000), 1, random(9).fork('a'))
  expect(flipBits(Buffer.alloc(1000), 1, random(9).fork('b'))).not.toEqual(one)
})

it('never gives a body its own content type', () => {
  for (const type of ['application/json; charset=utf-8', 'text/csv', 'text/html; charset=utf-8', undefined]) {
    expect(wrongContentType(type).split(';')[0]).not.toBe(type?.split(';')[0])
  }
})

function bitsOf(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length
}
