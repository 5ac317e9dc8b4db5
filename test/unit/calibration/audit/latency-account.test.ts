import { describe, expect, it } from 'vitest'
import { latencyOf } from '../../../../calibration/audit/latency-account.ts'
import type { ToolLatency, ToolReport, ToolTraits } from '../../../../calibration/audit/tool-report.ts'
import { hey } from '../../../../calibration/audit/tools/hey.ts'
import type { LedgerRecord } from '../../../../contract/ledger-record.ts'
import { BEGAN_AT, detailedRecordOf, recordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'

function reportOf(latency: ToolLatency): ToolReport {
  return { tool: 'any', sources: [], rows: [], total: { name: '', requests: 1, latency }, remarks: [] }
}

const percentiles = (...values: [number, number][]) => values.map(([percentile, valueMs]) => ({ percentile, valueMs }))

/** One user, 100 requests of 5 ms, one of which takes 2 s. */
function stalled(): LedgerRecord[] {
  let startedAt = 0
  return Array.from({ length: 200 }, (_, index) => {
    const record = recordOf({ startedAt, lastByteMs: index === 100 ? 2000 : 5 })
    startedAt += record.lastByteMs + 5
    return record
  })
}

const onOneConnection = (records: readonly LedgerRecord[]) =>
  records.map(({ startedAt, ...record }) => detailedRecordOf({ ...record, startedAt: startedAt - BEGAN_AT }))

describe('latencyOf', () => {
  it('sets the spectrum of the tool beside that of the target', () => {
    const report = reportOf({ maxMs: 9, percentiles: percentiles([50, 6], [97, 8]) })
    const { spectrum, service } = latencyOf(truthOf(recordsOf(100)), { report, requested: {} })
    expect(service).toMatchObject({ count: 100 })
    expect(spectrum.filter(({ toolMs }) => toolMs !== undefined)).toEqual([
      { percentile: 50, toolMs: 6, serviceMs: expect.closeTo(5, 1) },
      { percentile: 97, toolMs: 8, serviceMs: expect.closeTo(5, 1) },
      { percentile: 100, toolMs: 9, serviceMs: expect.closeTo(5, 1) },
    ])
    expect(spectrum.map(({ percentile }) => percentile)).toEqual([10, 25, 50, 75, 90, 95, 97, 99, 99.9, 100])
  })

  it('has numbers and no remark without any request', () => {
    const { remarks, spectrum } = latencyOf(truthOf([]), { requested: { ratePerSecond: 10 } })
    expect(remarks).toEqual([])
    expect(spectrum.every(({ serviceMs, responseMs }) => serviceMs === 0 && responseMs === 0)).toBe(true)
  })

  it('says what the tool adds', () => {
    const report = reportOf({ percentiles: percentiles([50, 7], [99, 25]) })
    const { remarks } = latencyOf(truthOf(recordsOf(100)), { report, requested: {} })
    expect(remarks[0]).toMatch(/add 2\.0 ms at the median and 20\.0 ms at p99/)
  })

  it('says apart at which percentile the tool tells less than the target', () => {
    const report = reportOf({ percentiles: percentiles([50, 7], [99, 2]) })
    const { remarks } = latencyOf(truthOf(recordsOf(100)), { report, requested: {} })
    expect(remarks.slice(0, 2)).toEqual([
      'The tool and its connections add 2.0 ms at the median to the target’s own time.',
      'The tool tells less than the target’s own time, by 3.0 ms at p99: it rounds, or counts other requests.',
    ])
  })

  it('says nothing of a difference that is shown as 0.0', () => {
    const report = reportOf({ percentiles: percentiles([50, 4.97], [99, 25]) })
    const { remarks } = latencyOf(truthOf(recordsOf(100)), { report, requested: {} })
    expect(remarks[0]).toMatch(/add 0\.0 ms at the median and 20\.0 ms at p99/)
    expect(remarks.join()).not.toContain('less')
  })

  it('says to what step a tool rounds, where that is no share of the value', () => {
    const rounded = { ...hey.traits, percentiles: 'rounded', percentileError: 0, resolutionMs: 0.1 } as const
    const remarksOf = (traits: ToolTraits) => latencyOf(truthOf(recordsOf(100)), { traits, requested: {} }).remarks
    expect(remarksOf(rounded)).toContain('The tool rounds percentiles to 0.1 ms.')
    expect(remarksOf({ ...rounded, percentileError: 0.05 })).toContain('The tool rounds percentiles, by up to 5 %.')
  })

  it('counts responses from when they were due at the rate that was asked for', () => {
    const { response, remarks } = latencyOf(truthOf(onOneConnection(stalled())), { requested: { ratePerSecond: 100 } })
    expect(response?.maxMs).toBeGreaterThan(1990)
    expect(response?.p99Ms).toBeGreaterThan(1900)
    expect(remarks).toContainEqual(expect.stringMatching(/At the rate that was asked for.*the tool leaves out/))
  })

  it('does not count as waiting that a tool was idle and then sent many at once', () => {
    const bursts = Array.from({ length: 300 }, (_, index) =>
      recordOf({ startedAt: 1000 * Math.floor(index / 100) + 6 * (index % 100) }),
    )
    const { response, service, remarks } = latencyOf(truthOf(onOneConnection(bursts)), {
      requested: { ratePerSecond: 100 },
    })
    expect(response?.p99Ms).toBeCloseTo(service.p99Ms, 1)
    expect(remarks).toEqual([])
  })

  it('has the same response time as service time when every request came when it was due', () => {
    const { response, service } = latencyOf(truthOf(onOneConnection(recordsOf(100))), {
      requested: { ratePerSecond: 10 },
    })
    expect(response?.p99Ms).toBeCloseTo(service.p99Ms, 1)
  })

  it('keeps the schedule where a request was broken off', () => {
    const records = recordsOf(100, index => (index % 2 ? recordOf() : recordOf({ outcome: 'aborted', status: 0 })))
    const { response } = latencyOf(truthOf(onOneConnection(records)), { requested: { ratePerSecond: 10 } })
    expect(response?.maxMs).toBeCloseTo(5, 1)
  })

  it.each([
    ['connections are unknown', recordsOf(100)],
    [
      'each request has a connection of its own',
      recordsOf(100).map((record, connection) => ({
        ...record,
        details: detailedRecordOf({}, { connection }).details,
      })),
    ],
  ])('tells no response times where %s', (_, records) => {
    expect(latencyOf(truthOf(records), { requested: { ratePerSecond: 10 } })).not.toHaveProperty('response')
  })

  it('detects a warm-up, and none where the first second is like the others', () => {
    const slowUntil = (begin: number) =>
      truthOf(recordsOf(300, index => recordOf({ startedAt: 20 * index, lastByteMs: 20 * index < begin ? 30 : 4 })))
    expect(latencyOf(slowUntil(1000), { requested: {} }).remarks).toEqual([
      'The warm-up is in its numbers: the median was 30.0 ms in the first second, and 4.0 ms after it.',
    ])
    expect(latencyOf(slowUntil(200), { requested: {} }).remarks).toEqual([])
  })

  it('says what a stall hides of a closed load', () => {
    const { remarks } = latencyOf(truthOf(stalled()), { requested: {} })
    expect(remarks).toContainEqual(expect.stringMatching(/coordinated omission hides/))
  })

  it('does not take a long poll or a stream for a stall', () => {
    const records = [
      ...recordsOf(200),
      recordOf({ operation: 'streams.poll', startedAt: 20, lastByteMs: 25_000 }),
      recordOf({ operation: 'streams.read', startedAt: 20, lastByteMs: 25_000 }),
    ]
    expect(latencyOf(truthOf(records), { requested: {} }).remarks).toEqual([])
  })

  it('comes to an end when all requests began in the same moment', () => {
    const records = Array.from({ length: 200 }, (_, index) => recordOf({ lastByteMs: index < 10 ? 60_000 : 1 }))
    expect(latencyOf(truthOf(records), { requested: {} }).spectrum).toHaveLength(9)
  })

  it('names the habits of the tool, and rounding that it detects', () => {
    const report = reportOf({ percentiles: percentiles([50, 10], [75, 20], [90, 20], [99, 130]) })
    const { remarks } = latencyOf(truthOf(recordsOf(3)), { report, traits: hey.traits, requested: {} })
    expect(remarks).toContain('All of its percentiles are multiples of 10 ms.')
    expect(remarks).toEqual(expect.arrayContaining([...hey.traits.notes]))
  })
})
