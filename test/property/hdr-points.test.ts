import { deflateSync, inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { JsHistogram } from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import { hdrPoints } from '../../core/distributions/measured.ts'

const COMPRESSED_HEAD_BYTES = 8
const records = fc.array(fc.record({ value: fc.nat(2 ** 31 - 1), count: fc.integer({ min: 1, max: 1e7 }) }), {
  minLength: 1,
  maxLength: 50,
})
const layouts = fc.record({
  numberOfSignificantValueDigits: fc.constantFrom<1 | 2 | 3 | 4 | 5>(1, 2, 3, 4, 5),
  lowestDiscernibleValue: fc.constantFrom(1, 2, 10, 1000),
})

type Records = { value: number; count: number }[]

function histogramOf(layout: Parameters<typeof build>[0], of: Records): JsHistogram {
  const histogram = build({ bitBucketSize: 32, autoResize: true, useWebAssembly: false, ...layout }) as JsHistogram
  for (const { value, count } of of) histogram.recordValueWithCount(value, count)
  return histogram
}

/** Reads the buckets from the library itself. */
function pointsOf(histogram: JsHistogram): { share: number; valueMs: number }[] {
  const buckets = histogram.recordedValuesIterator
  buckets.reset()
  const points = []
  for (let passed = 0; buckets.hasNext(); ) {
    const { valueIteratedTo, countAtValueIteratedTo } = buckets.next()
    const valueMs = histogram.lowestEquivalentValue(valueIteratedTo)
    points.push({ share: passed / histogram.totalCount, valueMs })
    passed += countAtValueIteratedTo
    points.push({ share: passed / histogram.totalCount, valueMs: histogram.highestEquivalentValue(valueIteratedTo) })
  }
  return points
}

describe('an HDR histogram in text', () => {
  it('is read as the HDR library reads it, in every layout', () => {
    fc.assert(
      fc.property(layouts, records, (layout, of) => {
        const histogram = histogramOf({ ...layout, highestTrackableValue: layout.lowestDiscernibleValue * 2 }, of)
        expect(hdrPoints(encodeIntoCompressedBase64(histogram), 1)).toEqual(pointsOf(histogram))
      }),
      { seed: 1 },
    )
  })

  it('is rejected or gives ordered points, whatever bytes are damaged', () => {
    const wrong = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
    let refused = 0
    fc.assert(
      fc.property(records, wrong, fc.boolean(), (of, wrong, inHead) => {
        const good = Buffer.from(encodeIntoCompressedBase64(histogramOf({}, of)), 'base64')
        const payload = inflateSync(good.subarray(COMPRESSED_HEAD_BYTES))
        for (const { at, byte } of wrong) payload[at % (inHead ? 40 : payload.length)] = byte
        const text = Buffer.concat([good.subarray(0, COMPRESSED_HEAD_BYTES), deflateSync(payload)]).toString('base64')
        try {
          const points = hdrPoints(text, 1)
          expect(points).toEqual(points.toSorted((a, b) => a.share - b.share || a.valueMs - b.valueMs))
          expect(points.at(-1)?.share).toBe(1)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          refused += 1
        }
      }),
      { seed: 2, numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})
