import { describe, expect, it } from 'vitest'
import { Latencies } from '../../../../../calibration/audit/reading/latencies.ts'

describe('Latencies', () => {
  it('have exact percentiles by nearest rank', () => {
    const latencies = new Latencies()
    for (let value = 1000; value >= 1; value--) latencies.add(value)
    expect(latencies.summary()).toEqual({
      meanMs: 500.5,
      minMs: 1,
      maxMs: 1000,
      percentiles: [
        { percentile: 50, valueMs: 500 },
        { percentile: 75, valueMs: 750 },
        { percentile: 90, valueMs: 900 },
        { percentile: 95, valueMs: 950 },
        { percentile: 99, valueMs: 990 },
        { percentile: 99.9, valueMs: 999 },
      ],
    })
  })

  it('are absent when there are none', () => {
    expect(new Latencies().summary()).toBeUndefined()
  })
})
