import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../../core/histogram.ts'
import { BucketGrowth } from '../../../../harness/run-page/bucket-growth.ts'

describe('the growth of distributions', () => {
  it('has the percentile of what came since the last look, over all of them', () => {
    const [fast, slow, both] = [new Histogram(), new Histogram(), new Histogram()]
    const growth = new BucketGrowth()
    for (let at = 0; at < 1000; at++) fast.record(1)
    growth.percentile(95, [fast.toJSON(), slow.toJSON()])
    for (let valueMs = 10; valueMs <= 200; valueMs += 10) {
      ;(valueMs % 20 === 0 ? fast : slow).record(valueMs)
      both.record(valueMs)
    }
    expect(growth.percentile(95, [fast.toJSON(), slow.toJSON()])).toBe(both.percentile(95))
  })

  it('is unknown where nothing came', () => {
    const times = new Histogram()
    times.record(5)
    const growth = new BucketGrowth()
    growth.percentile(95, [times.toJSON()])
    expect(growth.percentile(95, [times.toJSON()])).toBeUndefined()
  })
})
