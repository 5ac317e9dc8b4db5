import { describe, expect, it } from 'vitest'
import { mergedRow, totalWithout } from '../../../../calibration/audit/scope.ts'
import type { ToolRow } from '../../../../calibration/audit/tool-report.ts'

const first: ToolRow = { name: 'a', requests: 3, failures: 1, statuses: { 200: 2, 500: 1 }, receivedBytes: 30 }
const second: ToolRow = { name: 'b', requests: 2, failures: 0, statuses: { 200: 2 }, errors: { timeout: 1 } }

describe('mergedRow', () => {
  it('adds up what all rows report', () => {
    expect(mergedRow([first, second])).toEqual({
      name: 'a, b',
      requests: 5,
      failures: 1,
      statuses: { 200: 4, 500: 1 },
      errors: { timeout: 1 },
    })
  })

  it('leaves a single row as it is', () => {
    expect(mergedRow([first])).toBe(first)
  })
})

describe('totalWithout', () => {
  const latency = { percentiles: [{ percentile: 50, valueMs: 1 }] }
  const total: ToolRow = {
    name: '',
    requests: 10,
    failures: 2,
    statuses: { 200: 8, 500: 2 },
    receivedBytes: 99,
    latency,
  }

  it('takes the counts of rows away, and all that cannot be taken away', () => {
    expect(totalWithout(total, [first])).toEqual({
      name: '',
      requests: 7,
      failures: 1,
      statuses: { 200: 6, 500: 1 },
    })
  })

  it('leaves out counts that a row does not have', () => {
    expect(totalWithout(total, [{ name: 'c', requests: 1 }])).toEqual({ name: '', requests: 9 })
  })

  it('is the total without such rows', () => {
    expect(totalWithout(total, [])).toBe(total)
  })
})
