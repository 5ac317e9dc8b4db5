import { describe, expect, it } from 'vitest'
import { Grid } from '../../../../harness/metrics/grid.ts'

const sums = () => new Grid<number>((one, other) => one + other)

/** A grid of so many groups that count one in each of some seconds. */
function filled(groups: number, seconds: number, from = 0): Grid<number> {
  const grid = sums()
  for (let second = from; second < seconds; second++)
    for (let group = 0; group < groups; group++) grid.add(`group ${group}`, second, 1)
  return grid
}

describe('Grid', () => {
  it('keeps a cell for each second of six groups in an hour', () => {
    const grid = filled(6, 3600)
    expect(grid.stepSeconds).toBe(1)
    expect(grid.cell('group 4', 3599)).toBe(1)
    expect(grid.cell('group 4', 3600)).toBeUndefined()
  })

  it('makes its steps longer where there would be more than 25,000 cells, and loses nothing', () => {
    const grid = filled(200, 3600)
    expect(grid.stepSeconds).toBe(32)
    const steps = Array.from({ length: 112 }, (_, step) => grid.cell('group 0', step) ?? 0)
    expect(steps.every(count => count === 32)).toBe(true)
    expect(grid.groups).toHaveLength(200)
  })

  it('has the same steps and cells in whatever order its parts come', () => {
    const [names, late] = [filled(40, 2000), filled(2, 9000, 8990)]
    const merged = names.merge(late)
    const reversed = late.merge(names)
    expect(merged.stepSeconds).toBe(16)
    for (const grid of [merged, reversed]) {
      expect(grid.stepSeconds).toBe(16)
      expect([grid.cell('group 0', 0), grid.cell('group 0', 562), grid.cell('group 39', 562)]).toEqual([
        16,
        8,
        undefined,
      ])
    }
    expect(names.stepSeconds).toBe(4)
    expect(late.cell('group 0', 8999)).toBe(1)
  })
})
