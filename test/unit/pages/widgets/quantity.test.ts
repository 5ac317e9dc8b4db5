import { describe, expect, it } from 'vitest'
import { bytes, milliseconds, number, percent, perSecond } from '../../../../pages/widgets/quantity.ts'

describe('quantities on a page', () => {
  it.each([
    [number(0.1234), '0.12'],
    [number(12.345), '12.3'],
    [number(1234.5), '1,235'],
    [perSecond(3), '3/s'],
    [percent(0.0005), '0.05 %'],
    [percent(0.125), '12.5 %'],
    [percent(1), '100 %'],
    [milliseconds(0.5), '0.5 ms'],
    [milliseconds(12_000), '12 s'],
    [milliseconds(90_000), '1.5 min'],
    [bytes(900), '900 B'],
    [bytes(2048), '2 KiB'],
    [bytes(3_145_728), '3 MiB'],
  ])('%s is %s', (shown, expected) => {
    expect(shown).toBe(expected)
  })
})
