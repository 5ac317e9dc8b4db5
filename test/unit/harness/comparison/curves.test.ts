import { describe, expect, it } from 'vitest'
import { curvesOf, overlaid } from '../../../../harness/comparison/curves.ts'
import { spectrumPercentiles } from '../../../../harness/results/spectrum.ts'
import { type StoredRunOptions, storedRun } from '../../../support/stored-runs.ts'

const curves = (options: StoredRunOptions) => curvesOf(storedRun(options))

describe('curvesOf', () => {
  it('has the response times of all requests at the percentiles that enough samples have', () => {
    const { percentilesMs } = curves({ id: 'a', medians: { '/orders': 10 }, requests: 200 })
    const last = spectrumPercentiles[percentilesMs.length - 1]
    expect(last).toBe(99.5)
    expect(percentilesMs).toEqual(percentilesMs.toSorted((a, b) => a - b))
    expect(percentilesMs[spectrumPercentiles.indexOf(50)]).toBeCloseTo(10, -1)
  })

  it('has every second of a short run', () => {
    const result = storedRun({ id: 'a', seconds: 10 })
    const { stepSeconds, requestsPerSecond, responseP95Ms } = curvesOf(result)
    expect(stepSeconds).toBe(1)
    expect(requestsPerSecond).toEqual(result.timeline!.map(point => point.requestsPerSecond))
    expect(responseP95Ms).toEqual(result.timeline!.map(point => point.responseP95Ms))
  })

  it('has longer steps of a long run: means of rates, and the highest percentile of a second', () => {
    const result = storedRun({ id: 'a', seconds: 1000 })
    result.run.durationMs = 1_000_000
    const { stepSeconds, requestsPerSecond, responseP95Ms } = curvesOf(result)
    expect(stepSeconds).toBe(4)
    expect(requestsPerSecond).toHaveLength(250)
    const first = result.timeline!.slice(0, 4)
    expect(requestsPerSecond[0]).toBeCloseTo(first.reduce((sum, point) => sum + point.requestsPerSecond, 0) / 4, 9)
    expect(responseP95Ms[0]).toBe(Math.max(...first.map(point => point.responseP95Ms)))
  })

  it('has no time in a second without responses', () => {
    const result = storedRun({ id: 'a', seconds: 3 })
    const [first, second, third] = result.timeline!
    const { responseP95Ms, requestsPerSecond } = curvesOf({
      ...result,
      timeline: [first!, { ...second!, requestsPerSecond: 0, responseP95Ms: 0 }, third!],
    })
    expect([responseP95Ms[1], requestsPerSecond[1]]).toEqual([undefined, 0])
  })

  it('is small, whatever the timeline says', () => {
    const result = storedRun({ id: 'a' })
    const timeline = [1, 2e9, 1e300, 5].map(atMs => ({ atMs, requestsPerSecond: 1, responseP95Ms: 1 }))
    const { requestsPerSecond } = curvesOf({ ...result, timeline })
    expect(requestsPerSecond.length).toBeLessThan(260)
    expect(
      curvesOf({ ...result, run: { ...result.run, durationMs: 1e300 }, timeline }).requestsPerSecond.length,
    ).toBeLessThan(260)
  })
})

describe('overlaid', () => {
  const side = (name: string, options: Omit<StoredRunOptions, 'id'>) =>
    [1, 2, 3].map(number => curves({ id: `${name}-${number}`, seconds: 10, ...options }))

  it('has the median and the range of the runs of each side', () => {
    const base = side('base', {})
    const { throughput } = overlaid(base, side('new', {}))
    const rates = base.map(run => run.requestsPerSecond[4]!).toSorted((a, b) => a - b)
    expect(throughput[4]?.base).toEqual({ low: rates[0], median: rates[1], high: rates[2] })
    expect(throughput).toHaveLength(10)
  })

  it('has the percentiles that every run has', () => {
    const { spectrum } = overlaid(
      side('base', { requests: 400 }),
      side('new', { requests: 40, medians: { '/orders': 10 } }),
    )
    expect(spectrum.at(-1)?.percentile).toBe(97.5)
  })

  it('compares runs of different lengths in the longer steps', () => {
    const long = { ...storedRun({ id: 'long', seconds: 600 }) }
    long.run.durationMs = 600_000
    const { stepSeconds, throughput } = overlaid([curves({ id: 'short', seconds: 10 })], [curvesOf(long)])
    expect(stepSeconds).toBe(4)
    expect([throughput[0]?.base, throughput[2]?.base, throughput[3]?.base].map(point => point !== undefined)).toEqual([
      true,
      true,
      false,
    ])
    expect(throughput[140]?.other).toBeDefined()
  })

  it('has no curves over time if no run has a timeline', () => {
    const runs = [curves({ id: 'a' }), curves({ id: 'b' })]
    expect(overlaid(runs, runs)).toMatchObject({ throughput: [], p95: [] })
  })
})
