import { describe, expect, it } from 'vitest'
import type { ToolLatency, ToolTraits } from '../../../../calibration/audit/tool-report.ts'
import type { Truth } from '../../../../calibration/audit/truth.ts'
import { detailedRecordOf, recordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'
import { auditedReport, reportOf, totalRows } from '../../../support/compared-report.ts'

/** 1000 requests of 1 to 100 ms. */
const spread = truthOf(recordsOf(1000, index => recordOf({ lastByteMs: 1 + (index % 100) })))

function judged(
  latency: Partial<ToolLatency>,
  traits: Partial<ToolTraits> = {},
  truth: Truth = spread,
  requests = 1000,
) {
  const rows = totalRows(truth, reportOf({ requests, latency: { percentiles: [], ...latency } }), traits)
  return Object.fromEntries(
    Object.values(rows)
      .filter(({ unit, what }) => unit === 'ms' && what !== 'duration')
      .map(({ what, judgement }) => [what, judgement]),
  )
}

const at = (percentile: number, valueMs: number): Partial<ToolLatency> => ({ percentiles: [{ percentile, valueMs }] })

describe('the latency of a tool', () => {
  it('agrees when it is that of the target, and a little more', () => {
    const percentiles = [
      { percentile: 50, valueMs: 51 },
      { percentile: 99, valueMs: 100 },
    ]
    expect(judged({ meanMs: 51, minMs: 1.2, maxMs: 101, percentiles })).toEqual({
      minimum: 'agrees',
      mean: 'agrees',
      p50: 'agrees',
      p99: 'agrees',
      maximum: 'agrees',
    })
  })

  it('is wrong when it is shorter than the target took', () => {
    expect(judged({ meanMs: 30, maxMs: 60, ...at(50, 25) })).toEqual({ mean: 'wrong', p50: 'wrong', maximum: 'wrong' })
  })

  it('is explained by what the tool and its connection add, and wrong beyond that', () => {
    expect(judged(at(50, 90))).toEqual({ p50: 'explained' })
    expect(judged({ meanMs: 400, ...at(50, 300) })).toEqual({ mean: 'wrong', p50: 'wrong' })
  })

  it('is explained by a few slow requests at its start', () => {
    const quick = truthOf(recordsOf(100))
    // One of a hundred took 4 s more.
    expect(judged({ meanMs: 45, maxMs: 4000, ...at(99.9, 4000) }, {}, quick, 100)).toEqual({
      mean: 'explained',
      'p99.9': 'explained',
      maximum: 'explained',
    })
    expect(judged({ meanMs: 45, maxMs: 100 }, {}, quick, 100)).toEqual({ mean: 'wrong', maximum: 'explained' })
  })

  it('is wrong when no request of the run can have taken that long', () => {
    // 1000 requests in 100 s.
    expect(judged({ maxMs: 200_000, ...at(99, 150_000) })).toEqual({ maximum: 'wrong', p99: 'wrong' })
    expect(judged({ maxMs: 200_000, ...at(99, 150_000) }, { clock: 'due' })).toEqual({ maximum: 'wrong', p99: 'wrong' })
    expect(judged({ maxMs: 90_000, ...at(99, 50_000) })).toEqual({ maximum: 'explained', p99: 'explained' })
  })

  it('is wrong when its connections had no time for so many slow requests', () => {
    const four = truthOf(
      recordsOf(1000, index => detailedRecordOf({ startedAt: 10 * index + 1 }, { connection: index % 4 })),
    )
    // A tenth of the requests would have taken 200 s, and four connections had 60 s, with time to connect.
    expect(judged(at(90, 2000), {}, four)).toEqual({ p90: 'wrong' })
    expect(judged(at(90, 500), {}, four)).toEqual({ p90: 'explained' })
    expect(judged(at(99, 2000), {}, four)).toEqual({ p99: 'explained' })
    expect(judged(at(90, 2000), { clock: 'due' }, four)).toEqual({ p90: 'explained' })
    expect(judged(at(90, 2000), { percentiles: 'averaged' }, four)).toEqual({ p90: 'explained' })
  })

  it('may include waiting where the tool counts from when a request was due', () => {
    expect(judged({ meanMs: 900, ...at(50, 800) }, { clock: 'due' })).toEqual({ mean: 'explained', p50: 'explained' })
  })

  it('is explained by the error of the tool’s percentiles, and not beyond it', () => {
    const histogram = { percentiles: 'histogram', percentileError: 0.25 } as const
    expect(judged(at(90, 72), histogram)).toEqual({ p90: 'explained' })
    expect(judged(at(90, 60), histogram)).toEqual({ p90: 'wrong' })
  })

  it('may be off by the step in which the tool measures', () => {
    expect(judged({ minMs: 0, ...at(50, 41) }, { resolutionMs: 10 })).toEqual({ minimum: 'agrees', p50: 'agrees' })
  })

  it('is that of successes where the tool times nothing else', () => {
    const quickErrors = truthOf(
      recordsOf(1000, index => recordOf(index % 2 ? { lastByteMs: 50 } : { lastByteMs: 1, status: 503 })),
    )
    expect(judged({ meanMs: 50, ...at(50, 50) }, { latencyOf: 'successes' }, quickErrors)).toEqual({
      mean: 'agrees',
      p50: 'agrees',
    })
    expect(judged({ meanMs: 25.5 }, { latencyOf: 'successes' }, quickErrors)).toEqual({ mean: 'wrong' })
  })

  it('of a single request is every percentile', () => {
    const single = truthOf([recordOf({ lastByteMs: 40 })])
    const percentiles = [50, 95, 99.9].map(percentile => ({ percentile, valueMs: 40 }))
    expect(judged({ percentiles }, {}, single, 1)).toEqual({ p50: 'agrees', p95: 'agrees', 'p99.9': 'agrees' })
  })

  it('of few requests may be either neighbour of a percentile', () => {
    const three = truthOf([10, 20, 900].map(lastByteMs => recordOf({ lastByteMs })))
    expect(judged(at(95, 900), {}, three, 3)).toEqual({ p95: 'agrees' })
    expect(judged(at(50, 10), {}, three, 3)).toEqual({ p50: 'agrees' })
  })

  it('may lack requests that the tool dropped, as far as they can matter', () => {
    const slowEnd = truthOf([
      ...recordsOf(100, index => recordOf({ startedAt: 10 * index + 1 })),
      ...recordsOf(2, index => recordOf({ startedAt: 1005 + index, lastByteMs: 1000 })),
    ])
    const drops = { atEnd: 'drops' } as const
    expect(judged({ meanMs: 5, maxMs: 5.2, ...at(99, 5.2) }, drops, slowEnd, 100)).toEqual({
      mean: 'explained',
      p99: 'agrees',
      maximum: 'explained',
    })
    expect(judged({ meanMs: 1 }, drops, spread, 999)).toEqual({ mean: 'wrong' })
  })

  it('is not explained by requests that only the target has timed, where it is longer than all of its times', () => {
    const quick = truthOf(recordsOf(102))
    expect(judged({ maxMs: 80, ...at(99.9, 80) }, { atEnd: 'drops' }, quick, 100)).toEqual({
      maximum: 'explained',
      'p99.9': 'explained',
    })
    const latency: ToolLatency = { percentiles: [{ percentile: 99.9, valueMs: 80 }] }
    const row = totalRows(quick, reportOf({ requests: 100, latency }), { atEnd: 'drops' })['p99.9']
    expect(row?.reason).toContain('some requests waited')
  })

  it('may include requests that were never answered', () => {
    const cut = recordOf({ outcome: 'cut', status: 0, lastByteMs: 0.1, bytesOut: 0 })
    const truth = truthOf(recordsOf(100, index => (index < 20 ? cut : recordOf({ lastByteMs: 50 }))))
    expect(judged({ minMs: 0.2, meanMs: 40, ...at(10, 0.2) }, {}, truth, 100)).toEqual({
      minimum: 'explained',
      mean: 'explained',
      p10: 'agrees',
    })
  })

  it('is not compared where several names with percentiles of their own are one operation', () => {
    const latency = { percentiles: [{ percentile: 50, valueMs: 999 }] }
    const rows = ['GET /api/v1/products/1', 'GET /api/v1/products/2'].map(name => ({ name, requests: 500, latency }))
    const [, scope] = auditedReport(spread, reportOf({ requests: 1000 }, { rows })).comparison
    expect(scope?.rows.map(({ what }) => what)).toEqual(['requests'])
  })

  it('is not compared without a response', () => {
    const none = truthOf([recordOf({ outcome: 'aborted', status: 0 })])
    expect(judged({ meanMs: 5 }, {}, none, 1)).toEqual({})
  })
})
