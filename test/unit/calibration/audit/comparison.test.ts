import { describe, expect, it } from 'vitest'
import type { ToolRow } from '../../../../calibration/audit/tool-report.ts'
import { recordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'
import { auditedReport, reportOf, totalRows } from '../../../support/compared-report.ts'

/** 101 requests in 10 s. */
const tenSeconds = truthOf(recordsOf(101))

describe('the rate', () => {
  const rate = (requestsPerSecond: number, durationMs?: number) =>
    totalRows(tenSeconds, reportOf({ requests: 101, requestsPerSecond }, { ...(durationMs && { durationMs }) }))[
      'requests per second'
    ]

  it('agrees when it is that of the arrivals', () => {
    expect(rate(10.1)).toMatchObject({ judgement: 'agrees' })
  })

  it('is explained by the time that the tool divides by', () => {
    expect(rate(5.05, 20_000)).toMatchObject({
      judgement: 'explained',
      reason: 'the tool divides by its whole duration of 20.0 s; requests came for 10.0 s',
    })
  })

  it('is explained by a duration in whole seconds', () => {
    expect(rate(9.8)).toMatchObject({ judgement: 'explained' })
  })

  it('is wrong otherwise', () => {
    expect(rate(20)).toMatchObject({ judgement: 'wrong' })
    expect(rate(7)).toMatchObject({ judgement: 'wrong' })
    expect(rate(0)).toMatchObject({ judgement: 'wrong' })
  })

  it('is explained when only successes are counted', () => {
    const half = truthOf(recordsOf(101, index => recordOf({ status: index % 2 ? 200 : 500 })))
    const report = reportOf({ requests: 101, requestsPerSecond: 4.98 })
    expect(totalRows(half, report)['requests per second']).toMatchObject({
      judgement: 'explained',
      reason: expect.stringMatching(/successful/),
    })
  })

  it('is explained by a tool that averages the rates of its intervals, or whose statistics are stale', () => {
    const report = reportOf({ requests: 101, requestsPerSecond: 7 })
    const judged = (traits: object) => totalRows(tenSeconds, report, traits)['requests per second']
    expect(judged({ averagesRates: true })).toMatchObject({ judgement: 'explained' })
    expect(judged({ atEnd: 'loses_interval' })).toMatchObject({ judgement: 'explained' })
  })

  it('says nothing about a run of less than a second', () => {
    expect(totalRows(truthOf(recordsOf(3)), reportOf({ requests: 3, requestsPerSecond: 99 }))).not.toHaveProperty([
      'requests per second',
    ])
  })
})

describe('the duration', () => {
  const duration = (durationMs: number | undefined, traits = {}) =>
    totalRows(tenSeconds, reportOf({ requests: 101 }, { ...(durationMs && { durationMs }) }), traits)['duration']

  it('agrees within a second', () => {
    expect(duration(10_900)).toMatchObject({ judgement: 'agrees' })
  })

  it('may include time without requests, but not lack time with some', () => {
    expect(duration(30_000)).toMatchObject({ judgement: 'explained' })
    expect(duration(5000)).toMatchObject({ judgement: 'wrong' })
  })

  it('may lack the last interval of a tool that loses it', () => {
    expect(duration(5000, { atEnd: 'loses_interval' })).toMatchObject({ judgement: 'explained' })
  })

  it('is not compared when the tool does not report it', () => {
    expect(duration(undefined)).toMatchObject({ judgement: 'not_compared', truth: expect.closeTo(10_005, 0) })
  })
})

describe('the comparison of operations', () => {
  const truth = truthOf([
    ...recordsOf(10),
    ...recordsOf(4, index => recordOf({ operation: 'products.list', startedAt: 50 + index * 100 })),
  ])
  const named = (name: string, requests: number): ToolRow => ({ name, requests })
  const scopes = (...rows: ToolRow[]) =>
    auditedReport(truth, reportOf({ requests: rows.reduce((sum, row) => sum + row.requests, 0) }, { rows })).comparison

  it('takes the names of one operation together', () => {
    const [, scope] = scopes(
      named('GET /api/v1/products/1', 6),
      named('GET /api/v1/products/2', 4),
      named('GET /api/v1/products', 4),
    )
    expect(scope).toMatchObject({
      operation: 'products.get',
      names: ['GET /api/v1/products/1', 'GET /api/v1/products/2'],
      rows: [{ what: 'requests', tool: 10, truth: 10, judgement: 'agrees' }],
    })
  })

  it('is wrong where the tool gives one operation the requests of another', () => {
    const judgements = scopes(named('GET /api/v1/products/1', 4), named('GET /api/v1/products', 10)).map(
      ({ operation, rows }) => [operation, rows[0]?.judgement],
    )
    expect(judgements).toEqual([
      [undefined, 'agrees'],
      ['products.get', 'wrong'],
      ['products.list', 'wrong'],
    ])
  })

  it('withholds its judgement where names stand for no operation', () => {
    const [, scope] = scopes(named('GET /api/v1/products/1', 7), named('Browse', 7))
    expect(scope?.rows[0]).toMatchObject({ judgement: 'not_compared', reason: expect.stringMatching(/--name/) })
  })

  it('compares no operation that the tool names and nobody requested', () => {
    const operations = scopes(named('GET /api/v1/products/1', 14), named('GET /api/v1/tasks', 0)).map(
      ({ operation }) => operation,
    )
    expect(operations).toEqual([undefined, 'products.get'])
  })
})
