import { describe, expect, it } from 'vitest'
import { serverMetricsOf } from '../../../../harness/results/server-metrics.ts'
import type { ServerSource } from '../../../../harness/results/server-series.ts'

const source: ServerSource = {
  source: 'http://127.0.0.1:9100/metrics',
  kind: 'prometheus',
  answered: 5,
  failed: 0,
  unmatched: [],
  seriesNotKept: 0,
  notKept: [],
}

function sentence(sources: ServerSource[]): string {
  const timeline = Array.from({ length: 5 }, (_, index) => ({
    atMs: index * 1000,
    generatorCpu: 0.1,
    eventLoopDelayP99Ms: 1,
  }))
  return serverMetricsOf(
    { targetUnknown: 'it is not one of Loadcell’s (try --observe)', sources, series: [] } as never,
    { seconds: [], timeline: timeline as never, sharedCores: undefined },
  ).saturation.sentence
}

describe('serverMetricsOf', () => {
  it('advises to observe an endpoint only if none was', () => {
    expect(sentence([])).toMatch(/because it is not one of Loadcell’s \(try --observe\)\.$/)
    expect(sentence([source])).toBe(
      'It cannot be told what saturated first: no series was observed whose limit is known.',
    )
  })
})
