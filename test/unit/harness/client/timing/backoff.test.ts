import { describe, expect, test } from 'vitest'
import { random } from '../../../../../core/random.ts'
import { backoffMs, jitterOf, parseRetryAfter } from '../../../../../harness/client/timing/backoff.ts'

describe('the pause before another attempt', () => {
  const pauses = (failedAttempts: number, jitter: number) =>
    Array.from({ length: 2000 }, (_, draw) =>
      backoffMs({ firstMs: 2000, failedAttempts, jitter, random: random(draw) }),
    )

  test.each([
    [0, 2000],
    [1, 4000],
    [3, 16_000],
    [4, 30_000],
    [100, 30_000],
  ])('after %i failed attempts is %i ms without jitter', (attempts, expected) => {
    expect(new Set(pauses(attempts, 0))).toEqual(new Set([expected]))
  })

  test('with full jitter is spread evenly between 0 and its whole length', () => {
    const drawn = pauses(1, 1).sort((a, b) => a - b)
    expect(drawn[0]).toBeLessThan(40)
    expect(drawn[1000]).toBeGreaterThan(1800)
    expect(drawn[1000]).toBeLessThan(2200)
    expect(drawn[1999]).toBeGreaterThan(3960)
  })

  test('with a share of jitter varies by that share only', () => {
    const drawn = pauses(0, 0.25)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1500)
    expect(Math.max(...drawn)).toBeLessThan(2000)
  })
})

test.each([
  ['120', 120_000],
  ['Wed, 01 Jan 2025 00:00:10 GMT', 10_000],
  ['Wed, 01 Jan 2020 00:00:00 GMT', 0],
  ['0', 0],
  ['soon', undefined],
  ['1.5', undefined],
  [undefined, undefined],
  [['1', '2'], undefined],
])('Retry-After: %o is %o ms', (value, expected) => {
  expect(parseRetryAfter(value, Date.parse('2025-01-01T00:00:00Z'))).toBe(expected)
})

test('jitter is a share, by default 1', () => {
  expect({ jitterOfUndefined: jitterOf(undefined), jitterOf0: jitterOf(0), jitterOf05: jitterOf(0.5) }).toEqual({
    jitterOfUndefined: 1,
    jitterOf0: 0,
    jitterOf05: 0.5,
  })
  for (const wrong of [-0.1, 1.1, Number.NaN]) expect(() => jitterOf(wrong)).toThrow('expected a jitter of 0…1')
})
