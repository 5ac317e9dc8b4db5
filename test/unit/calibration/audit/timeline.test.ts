import { describe, expect, it } from 'vitest'
import { timelineOf } from '../../../../calibration/audit/timeline.ts'
import { recordOf } from '../../../support/audited-run.ts'

describe('timelineOf', () => {
  it('has nothing of a run without requests', () => {
    expect(timelineOf([])).toEqual([])
  })

  it('counts arrivals, failures and the requests under way, second by second', () => {
    const rows = timelineOf([
      recordOf({ startedAt: 0, lastByteMs: 500 }),
      recordOf({ startedAt: 100, lastByteMs: 600, status: 503 }),
      recordOf({ startedAt: 2500, lastByteMs: 100, outcome: 'aborted', status: 0 }),
    ])
    expect(rows).toMatchObject([
      { second: 0, arrivals: 2, failures: 1, peakInFlight: 2, p95Ms: expect.closeTo(600, -1) },
      { second: 1, arrivals: 0, failures: 0, peakInFlight: 0, p50Ms: 0 },
      { second: 2, arrivals: 1, failures: 1, peakInFlight: 1 },
    ])
  })

  it('does not take the lifetime of a stream for latency', () => {
    const stream = recordOf({ operation: 'streams.read', startedAt: 0, lastByteMs: 30_000 })
    const [second] = timelineOf([stream, recordOf({ startedAt: 10, lastByteMs: 2 })])
    expect(second).toMatchObject({ arrivals: 2, p95Ms: expect.closeTo(2, 1) })
  })
})
