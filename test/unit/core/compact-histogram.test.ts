import { describe, expect, it } from 'vitest'
import { CompactHistogram } from '../../../core/compact-histogram.ts'
import { Histogram } from '../../../core/histogram.ts'

function filled(count: number, valueOf: (at: number) => number): Histogram {
  const histogram = new Histogram()
  for (let at = 0; at < count; at++) histogram.record(valueOf(at))
  return histogram
}

describe('CompactHistogram', () => {
  it('has the same sum, whether values are still buffered or already in buckets', () => {
    const few = filled(100, at => at * 0.37)
    const many = filled(1000, at => at * 0.21)
    const both = filled(1100, at => (at < 100 ? at * 0.37 : (at - 100) * 0.21))
    const [parts, whole] = [
      CompactHistogram.sum([few, many, new Histogram()], 5000),
      CompactHistogram.sum([both], 5000),
    ]
    expect(parts.count).toBe(1100)
    for (const percentile of [0, 10, 50, 90, 99, 100])
      expect(parts.percentile(percentile)).toBe(whole.percentile(percentile))
    expect(parts.percentile(90)).toBe(both.percentile(90))
  })

  it('visits its buckets in ascending order with their middles, also where neighbours were merged', () => {
    for (const most of [5000, 16]) {
      const visited: [number, number][] = []
      CompactHistogram.sum([filled(1000, at => 1 + at * 0.1)], most).forEachBucket((middleMs, count) =>
        visited.push([middleMs, count]),
      )
      expect(visited.map(([middleMs]) => middleMs)).toEqual(
        visited.map(([middleMs]) => middleMs).toSorted((a, b) => a - b),
      )
      expect(visited.length).toBeLessThanOrEqual(most)
      const mean = visited.reduce((sum, [middleMs, count]) => sum + middleMs * count, 0) / 1000
      expect(Math.abs(mean - 50.95)).toBeLessThan(most === 16 ? 5 : 0.1)
    }
  })
})
