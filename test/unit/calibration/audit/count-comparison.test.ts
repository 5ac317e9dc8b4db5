import { describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../../../contract/ledger-record.ts'
import type { Truth } from '../../../../calibration/audit/truth.ts'
import { recordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'
import { reportOf, totalRows } from '../../../support/compared-report.ts'

/** A run of ten requests, of which some are different. */
const run = (different: Record<number, Partial<LedgerRecord>> = {}) =>
  truthOf(recordsOf(10, index => recordOf({ startedAt: 100 * index + 1, ...different[index] })))

const wrong = (reason: RegExp) => ({ judgement: 'wrong', reason: expect.stringMatching(reason) })
const explained = (reason: RegExp) => ({ judgement: 'explained', reason: expect.stringMatching(reason) })

describe('the number of requests', () => {
  it('agrees when it is the same', () => {
    expect(totalRows(run(), reportOf({ requests: 10 }))['requests']).toEqual({
      what: 'requests',
      unit: 'count',
      tool: 10,
      truth: 10,
      difference: 0,
      judgement: 'agrees',
    })
  })

  it('is wrong when the tool leaves some out that it should know', () => {
    expect(totalRows(run(), reportOf({ requests: 8 }))['requests']).toMatchObject(wrong(/2 requests arrived/))
  })

  it('is explained by requests in flight at the end of a tool that drops them, and no more than were', () => {
    const together = run({ 8: { startedAt: 900, lastByteMs: 50 }, 9: { startedAt: 910, lastByteMs: 30 } })
    const drops = { atEnd: 'drops' } as const
    expect(totalRows(together, reportOf({ requests: 8 }), drops)['requests']).toMatchObject(explained(/2 .* in flight/))
    expect(totalRows(together, reportOf({ requests: 7 }), drops)['requests']).toMatchObject(wrong(/1 request arrived/))
  })

  it('is explained by users that a tool stopped in mid-run', () => {
    const stopped = run({ 2: { outcome: 'aborted', status: 0 }, 9: { startedAt: 9000 } })
    const report = reportOf({ requests: 9 })
    expect(totalRows(stopped, report, { atEnd: 'drops' })['requests']).toMatchObject(explained(/1 request in flight/))
    expect(totalRows(stopped, report)['requests']).toMatchObject(wrong(/1 request arrived/))
  })

  it('is explained by requests that never arrived and that the tool counts as failed', () => {
    const refused = { requests: 12, errors: { ECONNREFUSED: 2 } }
    expect(totalRows(run(), reportOf(refused))['requests']).toMatchObject(explained(/2 requests .* never arrived/))
    expect(totalRows(run(), reportOf({ requests: 12 }))['requests']).toMatchObject(wrong(/never arrived/))
  })
})

describe('the number of failures', () => {
  const failing = run({ 1: { status: 500 }, 2: { status: 302 }, 3: { outcome: 'cut', status: 0, bytesOut: 0 } })
  const failures = (count: number, failure: 'status_400' | 'not_2xx' | 'transport' | 'checks' | 'never') =>
    totalRows(failing, reportOf({ requests: 10, failures: count }), { failure })['failures']

  it.each([
    ['status_400', 2],
    ['not_2xx', 3],
    ['transport', 1],
    ['never', 0],
  ] as const)('agrees by the meaning of %s', (failure, count) => {
    expect(failures(count, failure)).toMatchObject({ judgement: 'agrees', truth: count })
    expect(failures(count + 1, failure)).toMatchObject(wrong(/as failures, and the ledger has/))
  })

  it('is not compared when the script decides what fails', () => {
    expect(failures(7, 'checks')).toMatchObject({ judgement: 'not_compared', truth: 1 })
  })

  it('is explained by a script that expects 4xx, and not by one that hides errors of the service', () => {
    const notFound = run({ 1: { status: 404 }, 2: { status: 404 } })
    const byScript = { failureByScript: true }
    const rowOf = (truth: Truth, count: number) =>
      totalRows(truth, reportOf({ requests: 10, failures: count }), byScript)['failures']
    expect(rowOf(notFound, 2)).toMatchObject({ judgement: 'agrees' })
    expect(rowOf(notFound, 0)).toMatchObject(explained(/may expect 2 answers with 4xx, and count them as good/))
    expect(rowOf(run({ 1: { status: 404 }, 2: { status: 503 } }), 0)).toMatchObject(wrong(/ledger has 2/))
  })

  it('is explained by checks of the script that failed good answers, which it may have given up', () => {
    const report = reportOf({ requests: 10, failures: 3, receivedBytes: 700 })
    const rows = totalRows(run(), report, { failureByScript: true })
    expect(rows['failures']).toMatchObject(explained(/may fail 3 requests that the target answered well/))
    expect(rows['bytes received']).toMatchObject(explained(/left out/))
    expect(
      totalRows(run(), reportOf({ requests: 10, failures: 11 }), { failureByScript: true })['failures'],
    ).toMatchObject(wrong(/ledger has 0/))
  })

  it('is explained by answers that broke off after their head', () => {
    const broken = run({ 4: { outcome: 'cut', status: 200 } })
    expect(totalRows(broken, reportOf({ requests: 10, failures: 1 }))['failures']).toMatchObject(explained(/broke off/))
    expect(totalRows(broken, reportOf({ requests: 10, failures: 2 }))['failures']).toMatchObject(wrong(/ledger has 0/))
  })

  it('may have grown by requests that a tool broke off and counts as errors', () => {
    const report = reportOf({ requests: 10, failures: 2, errors: { deadline: 2 }, statuses: { 200: 8 } })
    const rows = totalRows(run(), report, { atEnd: 'errors', failure: 'transport' })
    expect(rows['failures']).toMatchObject(explained(/in flight at the end/))
    expect(rows['status 200']).toMatchObject(explained(/left out/))
  })
})

describe('the statuses', () => {
  const mixed = run({ 1: { status: 500 }, 2: { status: 503 } })

  it('agree one by one, or by class', () => {
    const single = totalRows(mixed, reportOf({ requests: 10, statuses: { 200: 8, 500: 1, 503: 1 } }))
    expect([single['status 200'], single['status 503']]).toMatchObject([
      { judgement: 'agrees' },
      { judgement: 'agrees' },
    ])
    const classes = totalRows(mixed, reportOf({ requests: 10, statuses: { '2XX': 8, '5XX': 2 } }))
    expect(classes['status 5xx']).toMatchObject({ tool: 2, truth: 2, judgement: 'agrees' })
  })

  it('are wrong when the tool hides one, or makes one up', () => {
    const rows = totalRows(mixed, reportOf({ requests: 10, statuses: { 200: 9, 500: 1 } }))
    expect(rows['status 200']).toMatchObject(wrong(/disagree on how requests were answered/))
    expect(rows['status 503']).toMatchObject({ tool: 0, truth: 1, judgement: 'wrong' })
    expect(totalRows(mixed, reportOf({ requests: 10, statuses: { 418: 1 } }))['status 418']).toMatchObject(wrong(/./))
  })
})

describe('the bytes', () => {
  const received = (receivedBytes: number, bytes: 'bodies' | 'heads_and_bodies', truth = run()) =>
    totalRows(truth, reportOf({ requests: 10, receivedBytes }), { bytes })['bytes received']

  it('agree where both count bodies, and are wrong where they differ', () => {
    expect(received(1000, 'bodies')).toMatchObject({ judgement: 'agrees' })
    expect(received(900, 'bodies')).toMatchObject(wrong(/bodies/))
  })

  it('are explained by heads of a plausible size', () => {
    expect(received(1000 + 10 * 180, 'heads_and_bodies')).toMatchObject(explained(/180 bytes a response/))
    expect(received(1000 + 10 * 5, 'heads_and_bodies')).toMatchObject(wrong(/5 bytes a response is no plausible head/))
    expect(received(1000, 'heads_and_bodies')).toMatchObject({ judgement: 'agrees' })
  })

  it('have heads for responses only, and not for requests without one', () => {
    const unanswered = run({
      3: { outcome: 'cut', status: 0, bytesOut: 0 },
      4: { outcome: 'cut', status: 0, bytesOut: 0 },
    })
    expect(received(800 + 8 * 180, 'heads_and_bodies', unanswered)).toMatchObject(explained(/180 bytes a response/))
  })

  it('are explained by answers of which the client received a part', () => {
    const broken = run({ 4: { outcome: 'aborted', bytesOut: 50_000 } })
    expect(received(20_000, 'bodies', broken)).toMatchObject(explained(/broke off/))
  })

  it('are not compared where tools differ in what they count', () => {
    expect(totalRows(run(), reportOf({ requests: 10, sentBytes: 77 }))['bytes sent']).toMatchObject({
      judgement: 'not_compared',
    })
    expect(totalRows(run(), reportOf({ requests: 10, sentBytes: 0 }))['bytes sent']).toMatchObject({
      judgement: 'agrees',
    })
  })
})
