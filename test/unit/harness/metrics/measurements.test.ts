import { describe, expect, it } from 'vitest'
import { Measurements } from '../../../../harness/metrics/measurements.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'

const QUIET = { cpu: 0, eventLoopDelayP99Ms: 0, gc: 0 }

/** An interval of a worker whose response times spread over so many buckets. */
function interval(second: number, { worker = 0, times = 2000 } = {}) {
  const delta = new Snapshot()
  const { histogram } = delta.value('http_req_duration', { name: '/' })
  for (let count = 0; count < times; count++) histogram.record(1.007 ** count * 0.001 + worker * 1e-4)
  const gauges = { users: 3, streams: 2, sockets: 1 }
  return {
    second,
    worker,
    fromMs: second * 1000,
    toMs: (second + 1) * 1000,
    delta,
    offered: 5,
    gauges,
    generator: QUIET,
  }
}

function measured(...intervals: ReturnType<typeof interval>[]): Measurements {
  const measurements = new Measurements()
  for (const one of intervals) measurements.add(one)
  return measurements
}

/** Returns how many buckets a second keeps, counted by the percentiles that differ. */
function bucketsOf(measurements: Measurements, second: number): number {
  const trend = measurements.second(second)!.trends.http_req_duration
  return new Set(Array.from({ length: 4001 }, (_, step) => trend.percentile(step / 40))).size
}

describe('Measurements', () => {
  it('keep at most 512 buckets of a second, and all its samples', () => {
    const measurements = measured(interval(0))
    expect(bucketsOf(measurements, 0)).toBeLessThanOrEqual(513)
    expect(bucketsOf(measurements, 0)).toBeGreaterThan(200)
    expect(measurements.second(0)!.trends.http_req_duration.count).toBe(2000)
    // The whole run keeps its three digits.
    expect(measurements.snapshot.histogram('http_req_duration').count).toBe(2000)
  })

  it('keep half as many buckets of each second for each time that the run is twice as long', () => {
    const measurements = measured(interval(0), interval(3599))
    const fine = bucketsOf(measurements, 0)
    measurements.add(interval(3600))
    const coarse = bucketsOf(measurements, 0)
    expect(coarse).toBeLessThanOrEqual(257)
    expect(coarse).toBeLessThan(fine)
    measurements.add(interval(4 * 3600))
    for (const second of [0, 3599, 3600, 4 * 3600]) expect(bucketsOf(measurements, second)).toBeLessThanOrEqual(65)
    expect(measurements.second(0)!.trends.http_req_duration.count).toBe(2000)
  })

  it('keep the same buckets of a second, in whatever order its workers and a later hour come', () => {
    const parts = [interval(7, { worker: 0 }), interval(7, { worker: 1 }), interval(5000, { times: 3 })]
    const [a, b, c] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]]
    const percentiles = (measurements: Measurements) =>
      [1, 25, 50, 90, 99, 100].map(at => measurements.second(7)!.trends.http_req_duration.percentile(at))
    const whole = percentiles(measured(a, b, c))
    expect(percentiles(measured(c, b, a))).toEqual(whole)
    expect(percentiles(measured(a).merge(measured(c, b)))).toEqual(whole)
    expect(percentiles(measured(c, a).merge(measured(b)))).toEqual(whole)
  })

  it('keep the buckets of a long run that is merged into a longer one', () => {
    const long = measured(interval(3600))
    const before = bucketsOf(long, 3600)
    const merged = long.merge(measured(interval(4 * 3600)))
    expect(bucketsOf(merged, 3600)).toBeLessThan(before)
    expect(bucketsOf(long, 3600)).toBe(before)
  })

  it('do not change what they are merged from', () => {
    const [one, other] = [measured(interval(0)), measured(interval(0, { worker: 1 }))]
    const both = one.merge(other)
    expect(both.second(0)).toMatchObject({ counts: { offered: 10 } })
    expect(both.snapshot.histogram('http_req_duration').count).toBe(4000)
    for (const part of [one, other]) {
      expect(part.second(0)!.counts.offered).toBe(5)
      expect(part.second(0)!.workers.size).toBe(1)
      expect(part.snapshot.histogram('http_req_duration').count).toBe(2000)
    }
  })

  it('keep the series of all workers, each of which is bounded', () => {
    const recorded = (worker: number) => {
      const snapshot = new Snapshot()
      for (let count = 0; count < 9000; count++) {
        const tags = { name: `/${worker}/${count}`, operation: 'unmatched' as const, status: '200' }
        snapshot.value('http_reqs', tags).total += 1
      }
      return snapshot
    }
    const [one, other] = [recorded(0), recorded(1)]
    expect(one.select('http_reqs')).toHaveLength(2001)
    expect(one.total('http_reqs', { name: '(other)' })).toBe(7000)
    const [merged, reversed] = [one.merge(other), other.merge(one)]
    for (const snapshot of [merged, reversed, Snapshot.fromJSON(merged.toJSON())]) {
      expect(snapshot.select('http_reqs')).toHaveLength(4001)
      expect(snapshot.total('http_reqs', { name: '(other)' })).toBe(14_000)
      expect(snapshot.total('http_reqs', { status: '200' })).toBe(18_000)
      expect(snapshot.sorted().toJSON()).toEqual(merged.sorted().toJSON())
    }
  })
})
