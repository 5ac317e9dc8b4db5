import { expect, it } from 'vitest'
import { checkRow, exactRow } from '../../../../calibration/check-row.ts'
import { certified } from '../../../../calibration/harness/certificate.ts'
import { rowText } from '../../../../calibration/harness/row-text.ts'

it('the numbers of a row have their unit, and few digits', () => {
  const interval = { level: 0.99, low: 0.1234, high: 12.345 }
  const text = (unit: Parameters<typeof checkRow>[1]) =>
    rowText(certified(checkRow('x', unit, { theory: 0.5, observed: 1234.567, interval })))
  expect(text('ms')).toEqual({ expected: '0.500 ms', observed: '1234.6 ms', interval: '0.123 … 12.3 ms' })
  expect(text('share').expected).toBe('50 %')
  expect(text('ratio').observed).toBe('1234.6')
  expect(text('per second').expected).toBe('0.500 /s')
  expect(text('count').interval).toBe('0.123 … 12.3')
  expect(rowText(certified(exactRow('x', 3, 4)))).toEqual({ expected: '3', observed: '4', interval: 'exactly' })
})
