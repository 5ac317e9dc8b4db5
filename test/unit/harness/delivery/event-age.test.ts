import { describe, expect, it } from 'vitest'
import { ageOf } from '../../../../harness/delivery/event-age.ts'

const NOW = Date.UTC(2026, 10, 29, 12)

describe('ageOf', () => {
  it.each<[unknown, ReturnType<typeof ageOf>]>([
    [NOW - 40, 40],
    [NOW - 5 * 3_600_000, 5 * 3_600_000],
    // Rounded up to a whole millisecond, it is no older than nothing.
    [NOW + 0.9, 0],
    [NOW + 2, 'ahead'],
    [NOW + 86_400_000, 'ahead'],
    [NOW / 1000, 'seconds'],
    [(NOW + 60_000) / 1000, 'seconds'],
    [NOW * 1000, 'microseconds'],
    [NOW * 1e6, 'nanoseconds'],
    [new Date(NOW - 40).toISOString(), 40],
    [String(NOW - 40), 40],
    [String(NOW / 1000), 'seconds'],
    ['yesterday', 'no time'],
    ['', 'no time'],
    [0, 'no time'],
    [-NOW, 'no time'],
    [Number.NaN, 'no time'],
    [Number.POSITIVE_INFINITY, 'no time'],
    [{}, 'no time'],
    [true, 'no time'],
  ])('of %j', (timestamp, age) => expect(ageOf(timestamp, NOW)).toBe(age))
})
