import { resourceFromAttributes } from '@opentelemetry/resources'
import * as sdk from '@opentelemetry/sdk-metrics'
import type { MetricData } from '@opentelemetry/sdk-metrics'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import { Histogram } from '../../../../../core/histogram.ts'
import { trend } from '../../../../../harness/scenario.ts'
import { resourceMetricsOf } from '../../../../../harness/export/otlp/resource-metrics.ts'
import { Slices } from '../../../../../harness/export/slices.ts'
import { layoutOf } from '../../../../../harness/report/exposition/buckets.ts'
import { exposedResult } from '../../../../../harness/report/exposition/exposed-run.ts'
import { openMetrics } from '../../../../../harness/report/formats/openmetrics.ts'
import { recordedTimes } from '../../../../../harness/results/recorded-times.ts'
import { parseOpenMetrics } from '../../report/formats/open-metrics-parser.ts'
import { recordedRun } from '../../report/formats/recorded-run.ts'

const run = recordedRun()

async function metricsOf(histograms: 'exponential' | 'explicit') {
  const settings = { resource: { 'service.name': 'shop' }, histograms }
  const packages = { sdk, resourceFromAttributes }
  const { resource, scopeMetrics } = await resourceMetricsOf(
    exposedResult(run),
    settings,
    packages,
    new Slices(systemClock),
  )
  return { resource, metrics: scopeMetrics[0]!.metrics }
}

/** Translates a name as OpenTelemetry's rules for Prometheus say. */
function prometheusName({ descriptor: { name, unit }, ...metric }: MetricData): string {
  const suffix = { s: '_seconds', By: '_bytes', '': '' }[unit]
  const total = 'isMonotonic' in metric && metric.isMonotonic ? '_total' : ''
  return `${name.replaceAll('.', '_')}${suffix}${total}`
}

describe('resourceMetricsOf', () => {
  it('has the names that openmetrics.txt has, after the translation to Prometheus', async () => {
    const { metrics } = await metricsOf('exponential')
    const families = parseOpenMetrics(openMetrics(run)).map(({ name, type }) => {
      if (type === 'counter') return `${name}_total`
      return type === 'info' ? `${name}_info` : name
    })
    expect(metrics.map(prometheusName)).toEqual(families)
  })

  it.each(['exponential', 'explicit'] as const)('has each distribution as an %s histogram', async histograms => {
    const { metrics } = await metricsOf(histograms)
    const times = metrics.find(({ descriptor }) => descriptor.name === 'loadcell.http_req_duration')!
    const points = times.dataPoints as { value: { count: number; sum?: number; min?: number; max?: number } }[]
    const all = recordedTimes(run.series, 'http_req_duration')
    expect(points.reduce((sum, { value }) => sum + value.count, 0)).toBe(all.count)
    expect(points.reduce((sum, { value }) => sum + (value.sum ?? 0), 0)).toBeCloseTo(all.sumMs / 1000, 6)
    expect(Math.max(...points.map(({ value }) => value.max ?? 0))).toBeCloseTo(all.maxMs / 1000, 9)
    const counts = points.map(({ value }) => {
      if ('buckets' in value) return value.buckets as { boundaries: number[]; counts: number[] }
      return {
        boundaries: undefined,
        counts: (value as unknown as { positive: { bucketCounts: number[] } }).positive.bucketCounts,
      }
    })
    expect(counts.flatMap(each => each.counts).reduce((sum, count) => sum + count, 0)).toBe(all.count)
    expect(counts[0]?.boundaries).toEqual(histograms === 'explicit' ? layoutOf({ unit: 'seconds' }).bounds : undefined)
  })

  it('keeps the unit of a distribution that the scenario declares', async () => {
    const hits = trend('search_hits', { unit: 'items' })
    const histogram = new Histogram()
    for (const value of [1, 3, 40]) histogram.record(value)
    const exposed = { ...exposedResult(run), customMetrics: [hits] }
    const series = [{ metric: 'search_hits', tags: {}, value: { kind: 'trend', histogram } as const }]
    const read = async (histograms: 'exponential' | 'explicit') => {
      const { scopeMetrics } = await resourceMetricsOf(
        { ...exposed, series },
        { resource: {}, histograms },
        { sdk, resourceFromAttributes },
        new Slices(systemClock),
      )
      return scopeMetrics[0]!.metrics.find(({ descriptor }) => descriptor.name === 'loadcell.search_hits')!
    }
    const explicit = await read('explicit')
    expect(explicit.descriptor).toMatchObject({
      unit: '',
      description: 'search_hits, a metric of the scenario. In items.',
    })
    expect(explicit.dataPoints[0]?.value).toMatchObject({ count: 3, sum: 44, min: 1, max: 40 })
    const { buckets } = explicit.dataPoints[0]!.value as { buckets: { boundaries: number[]; counts: number[] } }
    expect(buckets.counts[buckets.boundaries.indexOf(1)]).toBe(1)
    expect(buckets.counts[buckets.boundaries.indexOf(5)]).toBe(1)
    expect(buckets.counts[buckets.boundaries.indexOf(50)]).toBe(1)
    const { scale, positive } = (await read('exponential')).dataPoints[0]!.value as unknown as {
      scale: number
      positive: { offset: number; bucketCounts: number[] }
    }
    expect(2 ** (positive.offset / 2 ** scale)).toBeCloseTo(1, 1)
  })

  it('describes the run, and lets the environment have the last word', async () => {
    const { resource, metrics } = await metricsOf('exponential')
    const { id, version, startedAt, durationMs } = run.run
    expect(resource.attributes).toEqual({
      'service.name': 'shop',
      'service.version': version,
      'service.instance.id': id,
    })
    const { startTime, endTime } = metrics[0]!.dataPoints[0]!
    const wallTime = ([seconds, nanos]: [number, number]) => seconds * 1000 + nanos / 1e6
    expect(wallTime(startTime)).toBeCloseTo(startedAt, 3)
    expect(wallTime(endTime)).toBeCloseTo(startedAt + durationMs, 3)
  })
})
