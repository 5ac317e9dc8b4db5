import { describe, expect, it } from 'vitest'
import { auditExitCodes } from '../../../../calibration/audit/exit-codes.ts'
import { BEGAN_AT, recordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'
import { auditedReport, reportOf } from '../../../support/compared-report.ts'

const truth = truthOf(recordsOf(10))
const verdictOf = (...args: Parameters<typeof auditedReport>) => {
  const { verdict, exitCode } = auditedReport(...args)
  return { ...verdict, exitCode }
}

describe('auditOf', () => {
  it('trusts an honest report', () => {
    expect(verdictOf(truth, reportOf({ requests: 10 }))).toMatchObject({
      word: 'trustworthy',
      exitCode: auditExitCodes.trustworthy,
    })
  })

  it('rejects a report that leaves requests out', () => {
    expect(verdictOf(truth, reportOf({ requests: 9 }))).toMatchObject({
      word: 'wrong',
      exitCode: auditExitCodes.wrong,
    })
  })

  it('concludes nothing without a report, and still tells what arrived', () => {
    const result = auditedReport(truth, undefined)
    expect(result).toMatchObject({
      verdict: { word: 'inconclusive' },
      exitCode: auditExitCodes.inconclusive,
      comparison: [],
      accounting: { total: { arrivals: 10, missing: 10 } },
      load: { requests: 10 },
    })
    expect(result).not.toHaveProperty('tool')
  })

  it('doubts a target that was late itself', () => {
    const late = truthOf(recordsOf(10), { late: 5 })
    expect(verdictOf(late, reportOf({ requests: 10 }))).toMatchObject({
      word: 'inconclusive',
      sentence: expect.stringMatching(/late for 50 %/),
    })
  })

  it('doubts records that are incomplete', () => {
    const incomplete = truthOf(recordsOf(10), { records: { kept: 10, notKept: 3 } })
    expect(verdictOf(incomplete, reportOf({ requests: 10 })).sentence).toMatch(/lost 3; set ledger.records higher/)
  })

  it.each([
    ['ended before', { startedAt: BEGAN_AT - 90_000, durationMs: 60_000 }, /it ends at 2027-.*requests arrived from/],
    ['began after', { endedAt: BEGAN_AT + 90_000, durationMs: 60_000 }, /it begins at 2027-/],
  ])('doubts a report of a run that %s', (_, period, reason) => {
    expect(verdictOf(truth, reportOf({ requests: 10 }, period))).toMatchObject({
      word: 'inconclusive',
      sentence: expect.stringMatching(reason),
    })
  })

  it.each([
    [1000, /all times of the report are 1,000 times those of the ledger: they are in another unit/],
    [1 / 1000, /one in 1,000 parts of those of the ledger/],
    [1e6, /1,000,000 times/],
  ])('doubts a report with all times × %s', (factor, reason) => {
    const percentiles = [50, 90, 99].map(percentile => ({ percentile, valueMs: 5 * factor }))
    expect(verdictOf(truth, reportOf({ requests: 10, latency: { percentiles } }))).toMatchObject({
      word: 'inconclusive',
      sentence: expect.stringMatching(reason),
    })
  })

  it('does not doubt the unit where only some times are far off', () => {
    const percentiles = [50, 90, 99].map((percentile, index) => ({ percentile, valueMs: index === 2 ? 5000 : 6 }))
    expect(verdictOf(truth, reportOf({ requests: 10, latency: { percentiles } })).word).not.toBe('inconclusive')
  })

  it('does not doubt a report whose clock is a little off', () => {
    const period = { startedAt: BEGAN_AT - 9000, durationMs: 1000 }
    expect(verdictOf(truth, reportOf({ requests: 10 }, period)).word).toBe('trustworthy')
  })

  it('leaves out what the tool requested and the ledger does not count', () => {
    const rows = [
      { name: 'GET /api/v1/products/7', requests: 10 },
      { name: 'GET /metrics', requests: 5 },
    ]
    const result = auditedReport(truth, reportOf({ requests: 15 }, { rows }))
    expect(result.verdict.word).toBe('trustworthy')
    expect(result.tool?.remarks).toEqual([expect.stringMatching(/does not count such requests: GET \/metrics/)])
  })

  it('tells which streams it did not compare', () => {
    const followed = truthOf([...recordsOf(10), recordOf({ operation: 'streams.read', lastByteMs: 9000 })])
    const { accounting, verdict } = auditedReport(followed, reportOf({ requests: 10 }))
    expect({ word: verdict.word, setAside: accounting.setAside }).toEqual({
      word: 'trustworthy',
      setAside: [{ operation: 'streams.read', arrivals: 1, reason: 'the tool does not count them as requests' }],
    })
  })

  it('takes what the report says of its tool before what is known of it', () => {
    const half = truthOf(recordsOf(10), {})
    const report = reportOf({ requests: 8 }, { traits: { atEnd: 'loses_interval' } })
    expect(auditedReport(half, report).accounting.total).toMatchObject({ late: 2, missing: 0 })
  })
})
