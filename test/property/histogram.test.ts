import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { deflateSync, inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedHistogram } from '../../core/encoded-histogram.ts'
import { Histogram } from '../../core/histogram.ts'

const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 })
const filled = (values: number[]) => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}
/** Three significant digits, and nothing finer than a microsecond. */
const close = (actual: number, expected: number) => Math.abs(actual - expected) <= Math.max(0.001, expected * 0.001)

describe('Histogram', () => {
  it('has the percentiles of a sorted array, to three digits', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, percentile) => {
        const sorted = values.toSorted((a, b) => a - b)
        const naive = sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)]!
        expect(close(filled(values).percentile(percentile), naive)).toBe(true)
      }),
      { seed: 1 },
    )
  })

  it('counts as many values above a limit as it has percentiles above it', () => {
    const limits = fc.oneof(fc.double({ min: -1, max: 1e6, noNaN: true }), fc.constant('max' as const))
    fc.assert(
      fc.property(times, limits, fc.boolean(), (values, limit, isRead) => {
        const histogram = filled(values)
        const limitMs = limit === 'max' ? Math.max(...values) : limit
        const above = values.filter((_, rank) => histogram.percentile((100 * (rank + 0.5)) / values.length) > limitMs)
        const counted = (isRead ? Histogram.fromJSON(histogram.toJSON()) : filled(values)).countAbove(limitMs)
        expect(counted).toBe(above.length)
        if (limit === 'max') expect(counted).toBe(0)
      }),
      { seed: 1 },
    )
    const few = filled([0, 0, 3, 10, 10, 500])
    expect([-1, 0, 2, 3.1, 9, 11, 499, 500].map(limit => few.countAbove(limit))).toEqual([6, 4, 4, 3, 3, 1, 1, 0])
    expect(new Histogram().countAbove(5)).toBe(0)
  })

  it('merges to the same histogram as recording everything in one', () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const merged = filled(left)
        merged.merge(filled(right))
        const together = filled([...left, ...right])
        expect(merged.count).toBe(together.count)
        expect(merged.minMs).toBe(together.minMs)
        expect(merged.maxMs).toBe(together.maxMs)
        expect(merged.sumMs).toBeCloseTo(together.sumMs, 3)
        for (const percentile of [1, 50, 90, 99, 99.9]) {
          expect(merged.percentile(percentile)).toBe(together.percentile(percentile))
        }
      }),
      { seed: 2 },
    )
  })

  it('has the standard deviation of an array, to half a bucket', () => {
    fc.assert(
      fc.property(times, values => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const naive = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
        expect(Math.abs(filled(values).stdDevMs - naive)).toBeLessThanOrEqual(0.001 + Math.max(...values) * 0.001)
      }),
      { seed: 5 },
    )
  })

  it('visits the same buckets, whether values are still buffered or not', () => {
    const bucketsOf = (histogram: Histogram) => {
      const buckets: number[][] = []
      histogram.forEachBucket((index, count) => buckets.push([index, count]))
      return buckets
    }
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 128 }), values => {
        const [buffered, sorted] = [filled(values), filled(values)]
        const longestMs = Math.max(0, ...values)
        expect(buffered.maxMs).toBe(longestMs)
        sorted.percentile(50)
        expect(bucketsOf(buffered)).toEqual(bucketsOf(sorted))
      }),
      { seed: 6 },
    )
  })

  it('survives a round trip through JSON, and merges after it', () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const decoded = Histogram.fromJSON(JSON.parse(JSON.stringify(filled(left))))
        expect(decoded.percentile(95)).toBe(filled(left).percentile(95))
        decoded.merge(filled(right))
        expect(decoded.count).toBe(left.length + right.length)
      }),
      { seed: 3 },
    )
  })

  it('keeps every bucket in a round trip through JSON', () => {
    fc.assert(
      fc.property(times, values => {
        const [one, decoded] = [filled(values), Histogram.fromJSON(filled(values).toJSON())]
        expect({
          decodedCount: decoded.count,
          sumMs: decoded.sumMs,
          minMs: decoded.minMs,
          maxMs: decoded.maxMs,
        }).toEqual({ decodedCount: one.count, sumMs: one.sumMs, minMs: one.minMs, maxMs: one.maxMs })
        for (let percentile = 0; percentile <= 100; percentile += 0.5)
          expect(decoded.percentile(percentile)).toBe(one.percentile(percentile))
      }),
      { seed: 4 },
    )
  })

  it('is rejected or valid, whatever bytes of its text are damaged', () => {
    const wrong = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
    let refused = 0
    fc.assert(
      fc.property(times, wrong, fc.boolean(), (values, wrong, inHead) => {
        const good = filled(values).toJSON()
        const bytes = Buffer.from(good.hdr, 'base64')
        const payload = inflateSync(bytes.subarray(8))
        for (const { at, byte } of wrong) payload[at % (inHead ? 40 : payload.length)] = byte
        const hdr = Buffer.concat([bytes.subarray(0, 8), deflateSync(payload)]).toString('base64')
        try {
          const decoded = Histogram.fromJSON({ ...good, hdr })
          expect(decoded.count).toBe(values.length)
          expect(decoded.percentile(99)).toBeLessThanOrEqual(decoded.maxMs)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedHistogram)
          refused += 1
        }
      }),
      { seed: 5, numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(50)
  })

  it.each([
    ['text that is none', { hdr: 'bm8gaGlzdG9ncmFt' }],
    ['more text than any has', { hdr: 'A'.repeat(1e6) }],
    ['no text', { hdr: undefined }],
    ['another count', { count: 3 }],
    ['a least value above the greatest', { minMs: 6 }],
    ['a sum that is no number', { sumMs: Number.NaN }],
    ['values past all times', { maxMs: 1e12 }],
  ])('is refused with %s', (_, wrong) => {
    const encoded = { ...filled([5, 5]).toJSON(), ...wrong }
    expect(() => Histogram.fromJSON(encoded as never)).toThrow(MalformedHistogram)
  })

  it('is all zeros while empty, and again after a reset', () => {
    const histogram = filled([5])
    histogram.reset()
    for (const empty of [new Histogram(), histogram, Histogram.fromJSON(new Histogram().toJSON())]) {
      expect({
        emptyCount: empty.count,
        minMs: empty.minMs,
        maxMs: empty.maxMs,
        meanMs: empty.meanMs,
        percentile99: empty.percentile(99),
      }).toEqual({ emptyCount: 0, minMs: 0, maxMs: 0, meanMs: 0, percentile99: 0 })
    }
  })
})

const likeOurs = { bitBucketSize: 32, autoResize: true, highestTrackableValue: 2, useWebAssembly: false } as const

it('a value is counted in the bucket that the library counts it in, at every power of two and at random', () => {
  const edges = Array.from({ length: 34 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1]).flat()
  const property = fc.property(
    fc.array(fc.oneof(fc.constantFrom(...edges), fc.nat(), fc.nat(10_000)), { minLength: 1, maxLength: 300 }),
    values => {
      const ours = new Histogram()
      const theirs = build(likeOurs)
      for (const value of values) {
        ours.record(value / 1000)
        theirs.recordValue(value)
      }
      const copy = build(likeOurs)
      copy.add(theirs)
      expect(ours.toJSON()).toMatchObject({ hdr: encodeIntoCompressedBase64(copy), count: values.length })
    },
  )
  fc.assert(property, { seed: 18, numRuns: 200 })
})
