import { describe, expect, it } from 'vitest'
import type { Chart } from '../../../../../harness/report/html/chart.ts'
import { drawnPoints, inGroups, thinned } from '../../../../../harness/report/html/thinned.ts'
import { second } from '../fixture.ts'

const timeline = (count: number, lastMs = 1000) => {
  const points = Array.from({ length: count }, (_, index) => ({ ...second(0), atMs: (index + 1) * 1000 }))
  points.at(-1)!.atMs = (count - 1) * 1000 + lastMs
  return points
}
const chart = (values: (number | null)[], more: Partial<Chart> = {}): Chart => ({
  id: 'c',
  title: '',
  note: '',
  series: [{ label: 's', tone: 'blue', line: 'solid', values }],
  ...more,
})
const valuesOf = (drawn: Chart) => drawn.series[0]!.values

describe('the points that charts draw', () => {
  it('leave out a rest that is too short for a rate, and say how long it was', () => {
    expect(drawnPoints(timeline(10, 400))).toEqual({ count: 9, step: 1, restMs: 400 })
    expect(drawnPoints(timeline(10, 800))).toEqual({ count: 10, step: 1, restMs: 0 })
    expect(drawnPoints(timeline(1, 100))).toEqual({ count: 1, step: 1, restMs: 0 })
    expect(drawnPoints([])).toEqual({ count: 0, step: 1, restMs: 0 })
  })

  it('are at most 1,800, however long the run was', () => {
    for (const seconds of [1800, 1801, 3600, 86_400]) {
      const { count, step } = drawnPoints(timeline(seconds))
      expect(Math.ceil(count / step)).toBeLessThanOrEqual(1800)
    }
  })

  it('are means of rates, and the highest of all other values; a gap only where nothing is known', () => {
    const points = { count: 6, step: 2, restMs: 400 }
    const values = [1, 3, null, 8, null, null, 99]
    expect(valuesOf(thinned(chart(values, { rates: true }), points))).toEqual([2, 8, null])
    expect(valuesOf(thinned(chart(values), points))).toEqual([3, 8, null])
    expect(valuesOf(thinned(chart(values, { seconds: [0, 1, 2, 3, 4, 5, 6] }), points))).toEqual(values)
  })

  it('end with a shorter group where they do not divide evenly', () => {
    expect(inGroups([1, 2, 3, 4, 5, 6], { count: 5, step: 2, restMs: 0 }, group => [...group])).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ])
  })
})
