import { describe, expect, it } from 'vitest'
import { type LoggedRequest, SampleSums } from '../../../../../calibration/audit/reading/sample-sums.ts'

const request = (change: Partial<LoggedRequest> = {}): LoggedRequest => ({
  name: 'list',
  startedAt: 1000,
  elapsedMs: 10,
  status: 200,
  failed: false,
  ...change,
})

function sumsOf(requests: readonly LoggedRequest[]) {
  const sums = new SampleSums()
  for (const each of requests) sums.add(each)
  return sums.report()
}

describe('SampleSums', () => {
  it('adds up requests by name and in all', () => {
    const { rows, total } = sumsOf([
      request({ method: 'GET', path: '/a', receivedBytes: 5 }),
      request({ name: 'other', status: 0, failed: true, error: 'reset' }),
      request({ status: 503, failed: true, receivedBytes: 2 }),
    ])
    expect(rows.map(row => ({ ...row, latency: undefined }))).toEqual([
      {
        name: 'list',
        method: 'GET',
        path: '/a',
        requests: 2,
        failures: 1,
        statuses: { 200: 1, 503: 1 },
        receivedBytes: 7,
      },
      { name: 'other', requests: 1, failures: 1, errors: { reset: 1 } },
    ])
    expect(total).toMatchObject({
      name: '',
      requests: 3,
      failures: 2,
      statuses: { 200: 1, 503: 1 },
      errors: { reset: 1 },
    })
  })

  it('lasts from the first start to the last end', () => {
    const report = sumsOf([
      request({ startedAt: 1500, elapsedMs: 100 }),
      request(),
      request({ startedAt: 1510, elapsedMs: 1 }),
    ])
    expect(report).toMatchObject({ startedAt: 1000, endedAt: 1600, durationMs: 600 })
  })

  it('has percentiles that were measured', () => {
    const { total } = sumsOf(Array.from({ length: 200 }, (_, index) => request({ elapsedMs: 200 - index })))
    expect(total.latency).toEqual({
      meanMs: 100.5,
      minMs: 1,
      maxMs: 200,
      percentiles: [50, 75, 90, 95, 99, 99.9].map(percentile => ({ percentile, valueMs: Math.ceil(2 * percentile) })),
    })
  })

  it('reports nothing but zeros without requests', () => {
    const { remarks: _, ...report } = sumsOf([])
    expect(report).toEqual({ rows: [], total: { name: '', requests: 0, failures: 0 } })
  })

  it('counts names and errors beyond its limits together', () => {
    const requests = Array.from({ length: 10_050 }, (_, index) =>
      request({ name: `name ${index}`, status: 0, failed: true, error: `error ${index}` }),
    )
    const { rows, total, remarks } = sumsOf(requests)
    expect(rows).toHaveLength(10_001)
    expect(rows.at(-1)).toMatchObject({ name: 'other names', requests: 50 })
    expect(Object.keys(total.errors!)).toHaveLength(101)
    expect(total.errors!['other errors']).toBe(9950)
    expect(remarks).toContain('names beyond the first 10000 are counted together')
  })
})
