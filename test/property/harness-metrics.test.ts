import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FailureReason } from '../../harness/metrics/catalog.ts'
import type { SeriesValue } from '../../harness/metrics/series.ts'
import { Histogram } from '../../core/histogram.ts'
import type { RequestSample } from '../../harness/metrics/recorder.ts'
import { Snapshot } from '../../harness/metrics/snapshot.ts'
import { SnapshotRecorder } from '../../harness/metrics/snapshot-recorder.ts'
import { FakeClock } from '../support/fake-clock.ts'

const seeded = { seed: 20_261_120 }

const upTo = (max: number) => fc.integer({ min: 0, max })

const sample: fc.Arbitrary<RequestSample> = fc
  .record({
    name: fc.constantFrom('/a', '/b', '/c'),
    status: fc.constantFrom(0, 200, 503),
    dueAt: fc.integer({ min: 0, max: 10_000 }),
    steps: fc.record({ handed: upTo(50), sent: upTo(50), head: upTo(500), end: upTo(500) }),
    reason: fc.option(fc.constantFrom<FailureReason>('reset', 'status', 'interrupted'), { nil: undefined }),
    stream: fc.boolean(),
  })
  .map(({ name, status, dueAt, steps: { handed, sent, head, end }, reason, stream }) => {
    const handedAt = dueAt + handed
    const sentAt = handedAt + sent
    const headAt = status === 0 ? undefined : sentAt + head
    return {
      tags: { name, method: 'GET', operation: 'unmatched', user: 'u', task: '' },
      dueAt,
      handedAt,
      sentAt,
      headAt,
      endedAt: (headAt ?? sentAt) + end,
      status,
      sentBytes: 3,
      receivedBytes: 5,
      failure: reason && { reason, example: `at ${dueAt}` },
      stream,
    }
  })

function recordAll(samples: RequestSample[]): Snapshot {
  const recorder = new SnapshotRecorder(new FakeClock(), 0)
  for (const one of samples) {
    recorder.request(one)
    recorder.add('iterations', { user: 'u' })
    recorder.hit('checks', { check: 'fine' }, one.status === 200)
    recorder.time('event_e2e_latency', { stream: one.tags.name }, one.endedAt - one.dueAt)
  }
  return recorder.snapshot
}

/** Returns the content of a snapshot in a fixed order. Two encodings of one histogram may differ in the space they reserve. */
function said(snapshot: Snapshot) {
  const { series, errors } = snapshot.toJSON()
  return {
    series: series.map(({ value, ...one }) => JSON.stringify({ ...one, value: contents(value) })).sort(),
    errors: errors.map(row => JSON.stringify({ ...row, example: '' })).sort(),
  }
}

function contents(value: SeriesValue): unknown {
  if (value.kind !== 'trend') return value
  const histogram = Histogram.fromJSON(value.histogram)
  const { count, sumMs, minMs, maxMs } = histogram
  return { count, sumMs, minMs, maxMs, percentiles: [10, 25, 50, 75, 90, 99, 99.9].map(p => histogram.percentile(p)) }
}

describe('Snapshot', () => {
  it('merges to the same values as one recorder for all samples', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), fc.array(sample, { maxLength: 60 }), (first, second) => {
        expect(said(recordAll(first).merge(recordAll(second)))).toEqual(said(recordAll([...first, ...second])))
      }),
      { ...seeded, numRuns: 20 },
    )
  })

  it('survives a round trip through its encoding', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), samples => {
        const snapshot = recordAll(samples)
        expect(said(Snapshot.fromJSON(JSON.parse(JSON.stringify(snapshot))))).toEqual(said(snapshot))
      }),
      { ...seeded, numRuns: 15 },
    )
  })

  it('has response times that are the sum of their three parts', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), samples => {
        const snapshot = recordAll(samples)
        const [whole, ...parts] = (
          ['http_req_duration', 'send_delay', 'http_req_blocked', 'http_req_service_time'] as const
        ).map(metric => snapshot.histogram(metric))
        expect(whole?.sumMs).toBe(parts.reduce((sum, part) => sum + part.sumMs, 0))
        expect(parts.every(part => part.count === whole?.count)).toBe(true)
      }),
      { ...seeded, numRuns: 15 },
    )
  })
})
