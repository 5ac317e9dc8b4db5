import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../../core/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['1.5s', 1500],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['0', 0],
    [1234.5, 1234.5],
  ])('reads %s as %d ms', (text, expectedMs) => {
    expect(parseDuration(text)).toBe(expectedMs)
  })

  it.each(['', '5 s', '1e3', '1,5s', '-1s', 's', '1x', '1s!', Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'refuses %j',
    value => {
      expect(() => parseDuration(value)).toThrow(/expected a duration such as/)
    },
  )

  it.each(['5', '1.5', ' 30 '])('asks for the unit of %j, and does not suggest a plain number', value => {
    const amount = value.trim()
    expect(() => parseDuration(value)).toThrow(
      `expected a duration with its unit, such as '${amount}s' or '${amount}ms', got ${JSON.stringify(value)}`,
    )
  })
})

describe('formatDuration', () => {
  it.each([
    [0.25, '0.25ms'],
    [42.42, '42.4ms'],
    [850, '850ms'],
    [12_500, '12.5s'],
    [125_000, '2m 5s'],
    [3_780_000, '1h 3m'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text)
  })
})
