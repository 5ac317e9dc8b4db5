import { describe, expect, it } from 'vitest'
import type { ThresholdVerdict } from '../../../../harness/thresholds/threshold.ts'
import {
  formatBytes,
  formatMargin,
  formatMs,
  formatOffset,
  formatPercentiles,
  formatQuantity,
} from '../../../../harness/report/quantity.ts'
import { formatNumber, formatShare } from '../../../../core/number-format.ts'

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [0.001, '<0.01'],
    [0.005, '0.01'],
    [0.42, '0.42'],
    [9.994, '9.99'],
    [9.996, '10.0'],
    [42.04, '42.0'],
    [99.96, '100'],
    [12_345.6, '12,346'],
    [-3.5, '−3.50'],
  ])('%d is %s', (value, text) => expect(formatNumber(value)).toBe(text))

  it.each([
    [0.42, '0.42 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [59_900, '59.9 s'],
    [125_000, '2m 5s'],
  ])('%d ms is %s', (value, text) => expect(formatMs(value)).toBe(text))

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [98_400_120, '98.4 MB'],
    [5e15, '5,000 TB'],
  ])('%d bytes are %s', (value, text) => expect(formatBytes(value)).toBe(text))

  it.each([
    [0, '0:00'],
    [7999, '0:07'],
    [750_000, '12:30'],
    [3_723_000, '1:02:03'],
    [-7999, '−0:07'],
  ])('an offset of %d ms is %s', (value, text) => expect(formatOffset(value)).toBe(text))

  it('formats each unit in its own way', () => {
    expect(formatQuantity(0.0031, 'share')).toBe('0.31 %')
    expect(formatQuantity(378, 'per second')).toBe('378/s')
    expect(formatQuantity(3, 'count')).toBe('3')
    expect(formatQuantity(1500, 'bytes')).toBe('1.50 kB')
  })
})

describe('shares and percentiles for people', () => {
  it.each([
    [0, '0 %'],
    [0.00004, '<0.01 %'],
    [0.42, '42.0 %'],
    [0.9994, '99.9 %'],
    [0.9998, '99.98 %'],
    [0.99996, '>99.99 %'],
    [1, '100 %'],
    [1.2, '120 %'],
  ])('%d is %s: only all is 100 %%, and only none is 0 %%', (share, text) => expect(formatShare(share)).toBe(text))

  const trend = (count: number) => {
    const [minMs, meanMs, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms, maxMs] = [1, 2, 3, 4, 5, 6, 7, 8]
    return { count, minMs, meanMs, stdDevMs: 1, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms, maxMs }
  }
  it.each([
    [0, []],
    [1, ['8.00 ms', 'one sample']],
    [2, ['p50 3.00 ms', 'max 8.00 ms', 'of 2 samples']],
    [19, ['p50 3.00 ms', 'max 8.00 ms', 'of 19 samples']],
    [20, ['p50 3.00 ms', 'p95 5.00 ms', 'max 8.00 ms']],
    [100, ['p50 3.00 ms', 'p95 5.00 ms', 'p99 6.00 ms']],
  ])('%d samples have only percentiles with samples beyond them', (count, figures) => {
    expect(formatPercentiles(trend(count))).toEqual(figures)
  })
})

describe('the margin in words', () => {
  const verdict = { metric: 'm', expression: 'p(95)<200', limit: 200, unit: 'ms', samples: 1 } as const
  it.each<[Partial<ThresholdVerdict>, string]>([
    [{ state: 'passed', margin: 0.788 }, '79 % to spare'],
    [{ state: 'passed', expression: 'max>1000', margin: 18.25 }, '19 × the limit'],
    [{ state: 'failed', margin: -99 }, '100 × the limit'],
    [{ state: 'failed', margin: -0.249 }, '25 % too high'],
    [{ state: 'passed', margin: 0.001 }, 'at the limit'],
    [{ state: 'failed', margin: 0 }, 'just too high'],
    [{ state: 'passed' }, 'held'],
    [{ state: 'passed', expression: 'rate==1', margin: 0 }, 'held'],
    [{ state: 'failed' }, 'too high'],
    [{ state: 'failed', expression: 'count>1000', margin: -0.025 }, '3 % too low'],
    [{ state: 'failed', expression: 'count==0' }, 'not met'],
    [{ state: 'no-data' }, 'no data'],
  ])('%o is %s', (given, text) => expect(formatMargin({ ...verdict, state: 'passed', ...given })).toBe(text))
})
