import { describe, expect, it } from 'vitest'
import { recordable } from '../../../../harness/metrics/custom-metric.ts'
import { counter, gauge, rate, trend } from '../../../../harness/scenario.ts'

describe('recordable', () => {
  it.each([
    [counter('sold'), 12.5, 12.5],
    [counter('sold'), 0, 0],
    [rate('found'), true, 1],
    [rate('found'), false, 0],
    [trend('size'), 14_400_000, 14_400_000],
    [gauge('depth'), -3, -3],
  ])('takes values that the metric can have: %o %o', (metric, value, recorded) => {
    expect(recordable(metric, value)).toBe(recorded)
  })

  it.each([
    [
      counter('sold'),
      -1,
      'the counter sold only grows; use a gauge for a value that falls: expected at least 0, got -1',
    ],
    [counter('sold'), Number.NaN, 'the counter sold: expected a finite number, got NaN'],
    [counter('sold'), '12', 'the counter sold: expected a number, got "12"'],
    [gauge('depth'), Number.POSITIVE_INFINITY, 'the gauge depth: expected a finite number, got Infinity'],
    [trend('size'), -0.1, 'the trend size has no negative values: expected at least 0, got -0.1'],
    [trend('size'), 14_400_001, 'record it in a larger unit'],
    [trend('size'), undefined, 'the trend size: expected a number, got undefined'],
    [rate('found'), 1, 'the rate found counts hits: expected true or false, got 1'],
  ])('refuses others and says why: %o %o', (metric, value, message) => {
    expect(() => recordable(metric, value)).toThrow(message)
  })

  it('makes sums of amounts that do not depend on their order', () => {
    const amounts = [0.1, 0.2, 0.3, 19.99, 1e6, 7.77].map(amount => recordable(counter('sold'), amount))
    const sum = (list: number[]) => list.reduce((total, amount) => total + amount, 0)
    expect(sum(amounts.toReversed())).toBe(sum(amounts))
    expect(sum(amounts)).toBeCloseTo(1_000_028.36, 6)
  })
})
