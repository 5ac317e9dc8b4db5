import { expect, it } from 'vitest'
import { trendOf } from '../../../calibration/series.ts'
import type { MetricSeries } from '../../../harness/metrics/series.ts'
import { histogramOf } from './histogram-of.ts'

it('the samples of a trend are merged over all series that have the wanted tags', () => {
  const series: MetricSeries[] = [
    { metric: 'send_delay', tags: { name: 'a', user: 'u' }, value: { kind: 'trend', histogram: histogramOf([1, 2]) } },
    { metric: 'send_delay', tags: { name: 'a' }, value: { kind: 'trend', histogram: histogramOf([3]) } },
    { metric: 'send_delay', tags: { name: 'b' }, value: { kind: 'trend', histogram: histogramOf([4]) } },
    { metric: 'job_duration', tags: { name: 'a' }, value: { kind: 'trend', histogram: histogramOf([5]) } },
  ]
  expect(trendOf({ series }, 'send_delay').count).toBe(4)
  expect(trendOf({ series }, 'send_delay', { name: 'a' })).toMatchObject({ count: 3, maxMs: 3 })
  expect(trendOf({ series }, 'send_delay', { name: 'a', user: 'u' }).maxMs).toBe(2)
  expect(trendOf({ series }, 'http_req_blocked').count).toBe(0)
})
