import { expect, it } from 'vitest'
import { percentileTitle, spectrumPoints } from '../../../../../harness/report/html/spectrum.ts'

it('places each percentile by its nines, and the slowest where the requests end', () => {
  const points = [50, 90, 99, 99.9, 100].map(percentile => ({ percentile }))
  const nines = (requests: number) => spectrumPoints(points, requests).map(point => Number(point.nines.toFixed(3)))
  expect({ many: nines(100_000), few: nines(50), one: nines(1) }).toEqual({
    many: [0.301, 1, 2, 3, 5],
    few: [0.301, 1, 1.699],
    one: [0.301],
  })
})

it('names the ends of a spectrum by what they are', () => {
  expect([0, 50, 99.9, 100].map(percentileTitle)).toEqual(['fastest', 'p50', 'p99.9', 'slowest'])
})
