import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CustomMetric } from '../../harness/metrics/custom-metric.ts'
import { recordable } from '../../harness/metrics/custom-metric.ts'
import { Measurements } from '../../harness/metrics/measurements.ts'
import { SnapshotRecorder } from '../../harness/metrics/snapshot-recorder.ts'
import { customMetricRows } from '../../harness/results/custom-metrics.ts'
import { counter, gauge, rate, trend } from '../../harness/scenario.ts'
import { FakeClock } from '../support/fake-clock.ts'

const seeded = { seed: 20_261_129, numRuns: 40 }
const declared: readonly CustomMetric[] = [
  counter('sold', { unit: 'EUR' }),
  rate('found'),
  trend('size'),
  gauge('depth'),
]

interface Given {
  metric: number
  value: number
  region: string
  /** From the value before. */
  afterMs: number
}

const given: fc.Arbitrary<Given> = fc.record({
  metric: fc.integer({ min: 0, max: declared.length - 1 }),
  value: fc.double({ min: 0, max: 5000, noNaN: true }),
  region: fc.constantFrom('eu', 'us', 'asia'),
  afterMs: fc.integer({ min: 1, max: 700 }),
})

/** Returns the rows of a run whose values were recorded by several workers, in turn. */
function rowsOf(values: readonly Given[], workers: number) {
  const endMs = values.reduce((sum, { afterMs }) => sum + afterMs, 0)
  const shares = Array.from({ length: workers }, (_, index) => {
    const clock = new FakeClock()
    const recorder = new SnapshotRecorder(clock, 0, undefined, [], undefined, index)
    const measurements = new Measurements()
    let atMs = 0
    const close = (second: number) =>
      recorder.snapshot.lend(delta =>
        measurements.add({
          second,
          worker: index,
          fromMs: second * 1000,
          toMs: (second + 1) * 1000,
          delta,
          offered: 0,
          gauges: { users: 0, streams: 0, sockets: 0 },
        }),
      )
    for (const [ordinal, { metric, value, region, afterMs }] of values.entries()) {
      const second = Math.floor(atMs / 1000)
      atMs += afterMs
      for (let ended = second; ended < Math.floor(atMs / 1000); ended += 1) close(ended)
      clock.stall(afterMs)
      const of = declared[metric]!
      if (ordinal % workers === index)
        recorder.custom(of, { region }, recordable(of, of.kind === 'rate' ? value > 2500 : value))
    }
    close(Math.floor(endMs / 1000))
    return measurements
  })
  const whole = shares.reduce((sum, share) => sum.merge(share))
  const { snapshot, breakdown, seconds } = whole
  return customMetricRows(declared, { snapshot, breakdown, seconds, durationMs: endMs })
}

it('Values that several workers recorded merge to the values of one.', () => {
  fc.assert(
    fc.property(fc.array(given, { minLength: 1, maxLength: 60 }), values => {
      const one = rowsOf(values, 1)
      expect(rowsOf(values, 2), 'two workers').toEqual(one)
      expect(rowsOf(values, 4), 'four workers').toEqual(one)
    }),
    seeded,
  )
})

it('The samples of all values of a tag add up to those of the metric.', () => {
  fc.assert(
    fc.property(fc.array(given, { minLength: 1, maxLength: 60 }), values => {
      for (const { name, figures, byTag } of rowsOf(values, 1)) {
        const counts = byTag.map(row => countOf(row.figures))
        expect(
          counts.reduce((sum, count) => sum + count, 0),
          name,
        ).toBeCloseTo(countOf(figures), 6)
      }
    }),
    seeded,
  )
})

function countOf(figures: ReturnType<typeof rowsOf>[number]['figures']): number {
  if (figures.kind === 'gauge') return 0
  return figures.kind === 'trend' ? figures.count : figures.total
}
