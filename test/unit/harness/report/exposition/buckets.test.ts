import { expect, it } from 'vitest'
import { Histogram } from '../../../../../core/histogram.ts'
import { random } from '../../../../../core/random.ts'
import { FilledBuckets, layoutOf } from '../../../../../harness/report/exposition/buckets.ts'

const layout = layoutOf({ unit: 'seconds' })
const { bounds: bucketBounds } = layout

it('counts each time in the bucket of the first bound that is not below it', () => {
  const draws = random(3)
  const times = new Histogram()
  const valuesMs = Array.from({ length: 5000 }, () => Math.round(10 ** (draws.next() * 6 - 1) * 1000) / 1000)
  // Not so close above a bound that the histogram cannot tell it from the bound.
  const apart = valuesMs.filter(ms => bucketBounds.every(bound => ms <= bound * 1000 || ms > bound * 1000 * 1.002))
  for (const valueMs of [...apart, ...bucketBounds.map(bound => bound * 1000)]) times.record(valueMs)
  const expected = [...bucketBounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    const above = bucketBounds[index - 1] ?? Number.NEGATIVE_INFINITY
    const inside = apart.filter(ms => ms / 1000 > above && ms / 1000 <= bound).length
    return inside + (bound === Number.POSITIVE_INFINITY ? 0 : 1)
  })
  expect(new FilledBuckets(times).withinBounds(layout)).toEqual(expected)
})

it('counts nothing in an empty histogram', () => {
  expect(new FilledBuckets(new Histogram()).withinBounds(layout)).toEqual([...bucketBounds, 0].map(() => 0))
})

it('has the quantiles of the histogram', () => {
  const draws = random(4)
  for (const size of [1, 2, 3, 10, 99, 1000]) {
    const times = new Histogram()
    for (let index = 0; index < size; index++) times.record(10 ** (draws.next() * 6 - 1))
    const buckets = new FilledBuckets(times)
    for (const percentile of [0.1, 50, 75, 90, 95, 99, 99.9, 100])
      expect(buckets.quantile(percentile / 100), `p${percentile} of ${size}`).toBe(times.percentile(percentile))
  }
})
