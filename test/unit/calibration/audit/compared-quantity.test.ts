import { expect, it } from 'vitest'
import { formatCompared } from '../../../../calibration/audit/compared-quantity.ts'

it.each([
  [180_659_159, 'bytes', '180,659,159'],
  [-17, 'count', '−17'],
  [-2.184, 'per second', '−2.18'],
  [0.886, 'ms', '0.89 ms'],
  [-1500, 'ms', '−1.50 s'],
  [0, 'count', '0'],
] as const)('formats %f in %s as %s', (value, unit, text) => {
  expect(formatCompared(value, unit)).toBe(text)
})
