import { describe, expect, it } from 'vitest'
import { describeLoad } from '../../../../calibration/audit/arrived-load.ts'
import type { LedgerRecord } from '../../../../contract/ledger-record.ts'
import { BEGAN_AT, detailedRecordOf, recordOf, recordsOf } from '../../../support/audited-run.ts'

/** Returns a request at each of these times in ms. */
const at = (...times: number[]) => times.map(startedAt => recordOf({ startedAt }))

/** Returns requests at an even rate for some seconds. */
function evenly(perSecond: (second: number) => number, seconds: number): LedgerRecord[] {
  return Array.from({ length: seconds }, (_, second) => {
    const count = perSecond(second)
    return Array.from({ length: count }, (_, index) => recordOf({ startedAt: 1000 * second + (1000 * index) / count }))
  }).flat()
}

const probe = { fromAt: BEGAN_AT + 4000, toAt: BEGAN_AT + 5000 }

describe('describeLoad', () => {
  it('describes nothing without requests', () => {
    expect(describeLoad([])).toMatchObject({ requests: 0, ratePerSecond: 0, concurrency: { mean: 0, peak: 0 } })
  })

  it('describes a single request', () => {
    expect(describeLoad(at(5))).toMatchObject({ requests: 1, ratePerSecond: 0, concurrency: { peak: 1 } })
  })

  it('has the rate, and how many requests were under way', () => {
    const { ratePerSecond, concurrency } = describeLoad(recordsOf(101, () => recordOf({ lastByteMs: 150 })))
    expect({ ratePerSecond, concurrency }).toEqual({
      ratePerSecond: 10,
      concurrency: { mean: expect.closeTo(1.5, 1), peak: 2 },
    })
  })

  it('sees a ramp, in steps or steady, and a run without one', () => {
    expect(describeLoad(evenly(second => Math.min(100, 10 + 20 * second), 12)).ramp).toMatchObject({ kind: 'up' })
    const stepped = describeLoad(evenly(second => (second < 4 ? 20 : second < 8 ? 60 : 100), 20)).ramp
    expect(stepped).toMatchObject({ kind: 'steps', durationMs: 8000 })
    expect(describeLoad(evenly(() => 50, 10)).ramp).toMatchObject({ kind: 'none', durationMs: 0 })
    expect(describeLoad(evenly(() => 50, 2)).ramp.sentence).toMatch(/too short/)
  })

  it('counts connections, and how often each is used', () => {
    const onConnections = (count: number) =>
      recordsOf(30, () => detailedRecordOf()).map((record, index) => ({
        ...record,
        details: { connection: index % count, method: 'GET', url: '/' },
      }))
    expect(describeLoad(onConnections(3)).connections).toMatchObject({ count: 3, requestsEach: 10 })
    expect(describeLoad(onConnections(30)).connections.sentence).toMatch(/a new connection for nearly every request/)
    expect(describeLoad(at(0, 1)).connections.sentence).toMatch(/not recorded/)
  })

  it('calls a load open whose requests keep coming while all responses are late', () => {
    expect(
      describeLoad(
        evenly(() => 50, 12),
        { probe },
      ).model.kind,
    ).toBe('open')
  })

  it('calls a load closed whose requests stop coming while all responses are late', () => {
    const standstill = evenly(second => (second === 4 ? 10 : 50), 12)
    expect(describeLoad(standstill, { probe }).model).toMatchObject({
      kind: 'closed',
      sentence: expect.stringMatching(/20 % of the usual/),
    })
  })

  it('calls a load closed whose users think, and are missed only afterwards', () => {
    const thinking = evenly(second => (second === 6 ? 5 : 50), 12)
    expect(describeLoad(thinking, { probe }).model).toMatchObject({
      kind: 'closed',
      sentence: expect.stringMatching(/and a pause: .* 10 % after it by 2\.0 s/),
    })
  })

  it.each([
    ['without a probe', evenly(() => 50, 12), undefined, /--probe tells/],
    ['when the command ended before the probe', evenly(() => 50, 12), 'late' as const, /ended before the probe/],
    ['when few requests came before', evenly(() => 1, 12), probe, /too few/],
    ['when it is between both', evenly(second => (second === 4 ? 30 : 50), 12), probe, /not clear/],
    ['when the load ended soon after', evenly(() => 50, 5), probe, /ended soon after/],
    ['at a low rate', evenly(() => 8, 12), probe, /rate is too low/],
  ])('cannot tell the model %s', (_, records, probe, sentence) => {
    expect(describeLoad(records, { probe }).model).toMatchObject({
      kind: 'unknown',
      sentence: expect.stringMatching(sentence),
    })
  })

  it('compares what was asked for with what came', () => {
    const records = evenly(() => 50, 10)
    expect(
      describeLoad(records, { requested: { requests: 500, ratePerSecond: 100, durationMs: 10_000 } }).asked,
    ).toEqual([
      '500 requests, as asked for',
      '100 requests per second asked for, 50 came',
      '10 s of load, as asked for',
    ])
    const together = at(0, 1, 2, 3)
    expect(describeLoad(together, { requested: { users: 2 } }).asked).toEqual([
      '2 users asked for, 4 requests under way at the peak: a user sends several at once',
    ])
  })
})
