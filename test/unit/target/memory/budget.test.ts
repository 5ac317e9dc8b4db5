import { describe, expect, it } from 'vitest'
import { MemoryBudget, textBytes } from '../../../../target/memory/budget.ts'

describe('a spent budget', () => {
  it('evicts the oldest entries of the largest table, and refuses entries that still do not fit', () => {
    const budget = new MemoryBudget(1000)
    const entries = { orders: [300, 300], tasks: [200] }
    const tables = (['orders', 'tasks'] as const).map(name => {
      const table = budget.table(name, () => {
        const bytes = entries[name].shift()
        if (bytes !== undefined) table.release(bytes)
        return bytes !== undefined
      })
      for (const bytes of entries[name]) table.charge(bytes)
      return table
    })
    const requests = budget.table('requests')
    expect(requests.tryCharge(300)).toBe(true)
    expect(entries).toEqual({ orders: [300], tasks: [200] })
    expect(tables.map(({ forgotten }) => forgotten)).toEqual([1, 0])
    expect(requests.tryCharge(800)).toBe(false)
    expect(budget.usedBytes).toBe(300)
    expect(() => requests.admit(800)).toThrow(
      expect.objectContaining({ code: 'memory_exhausted', extra: { headers: { 'retry-after': '1' } } }),
    )
    expect(budget.refused).toBe(1)
  })

  it('evicts at once when it is made smaller', () => {
    const budget = new MemoryBudget(1000)
    const table = budget.table('orders', () => {
      table.release(100)
      return table.bytes > 0
    })
    table.charge(900)
    budget.limitBytes = 500
    expect(budget.usedBytes).toBeLessThanOrEqual(500)
  })

  it('counts two bytes per character if any character may need them', () => {
    expect({ textBytesAbc: textBytes('abc'), textBytesA: textBytes('aé'), textBytes: textBytes('東京') }).toEqual({
      textBytesAbc: 3,
      textBytesA: 4,
      textBytes: 4,
    })
  })
})
