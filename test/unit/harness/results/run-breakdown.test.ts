import { describe, expect, it } from 'vitest'
import { Measurements } from '../../../../harness/metrics/measurements.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { runBreakdown } from '../../../../harness/results/run-breakdown.ts'
import type { NameRow } from '../../../../harness/results/run-result.ts'
import { userRows } from '../../../../harness/results/user-rows.ts'

/** Adds a second in which a user sent requests; every tenth of them failed with 503. */
function addSecond(measurements: Measurements, second: number, count: number, responseMs: number, name = '/a') {
  const delta = new Snapshot()
  for (let at = 0; at < count; at++) {
    const isFailed = at % 10 === 9
    const tags = { name, method: 'GET', user: 'u', task: at % 2 ? 'odd' : 'even', status: isFailed ? '503' : '200' }
    delta.value('http_reqs', tags).total += 1
    const failed = delta.value('http_req_failed', tags)
    failed.total += 1
    if (isFailed) failed.hits += 1
    if (isFailed) delta.errors.record({ reason: 'status', status: 503, name, example: '' }, second * 1000)
    delta.value('http_req_duration', tags).histogram.record(responseMs)
  }
  const gauges = { users: 1, streams: 0, sockets: 0 }
  measurements.add({ second, worker: 0, fromMs: second * 1000, toMs: second * 1000 + 1000, delta, offered: 0, gauges })
}

function breakdownOf(measurements: Measurements, names: string[]) {
  const rows = names.map(name => ({ name, method: 'GET' }) as NameRow)
  return runBreakdown(measurements.breakdown, measurements.seconds, {
    names: rows,
    loads: [],
    users: userRows(measurements.snapshot, 3000),
    errors: measurements.snapshot.errors.rows(),
  })
}

describe('runBreakdown', () => {
  const measurements = new Measurements()
  addSecond(measurements, 0, 20, 5)
  addSecond(measurements, 1, 40, 50)
  addSecond(measurements, 1, 10, 1, '/b')
  addSecond(measurements, 2, 10, 5, '/b')
  const { names, users, failures, heat } = breakdownOf(measurements, ['/a', '/b'])

  it('has the requests, failures and percentiles of each name, step by step', () => {
    expect(names.toMs).toEqual([1000, 2000, 3000])
    expect(names.groups.map(({ name, requests, failed }) => ({ name, requests, failed }))).toEqual([
      { name: '/a', requests: [20, 40, 0], failed: [2, 4, 0] },
      { name: '/b', requests: [0, 10, 10], failed: [0, 1, 1] },
    ])
    expect(names.groups[0]!.p95Ms).toEqual({ values: [5, 50], at: [0, 1] })
    expect(names.groups[1]!.p50Ms).toEqual({ values: [1, 5], at: [1, 2] })
    expect(names.groups[0]!.heat).toEqual([[26, 20], [36, 40], []])
  })

  it('has in a user the sum of its tasks', () => {
    expect(users.groups.map(({ user, task, requests }) => [user, task, requests])).toEqual([
      ['u', undefined, [20, 50, 10]],
      ['u', 'even', [10, 25, 5]],
      ['u', 'odd', [10, 25, 5]],
    ])
    expect(users.groups[0]!.p99Ms).toEqual({ values: [5, 50, 5] })
  })

  it('counts failures by status and reason', () => {
    expect(failures).toEqual({
      toMs: [1000, 2000, 3000],
      kinds: [{ reason: 'status', status: 503, counts: [2, 5, 1] }],
    })
  })

  it('has in the heat map all response times of the run', () => {
    const counted = heat.columns.map(([, ...counts]) => counts.reduce((sum, count) => sum + count, 0))
    expect(counted).toEqual([20, 50, 10])
  })

  it('keeps 200 names and 20 kinds of failures apart, and counts the others', () => {
    const many = new Measurements()
    const delta = new Snapshot()
    for (let at = 0; at < 230; at++) {
      const [name, status] = [`/${at}`, 400 + at]
      delta.value('http_reqs', { name, method: 'GET', status: String(status) }).total += 1
      delta.errors.record({ reason: 'status', status: 400 + (at % 25), name: '/', example: '' }, 0)
    }
    const gauges = { users: 1, streams: 0, sockets: 0 }
    many.add({ second: 0, worker: 0, fromMs: 0, toMs: 1000, delta, offered: 0, gauges })
    const { names, failures } = breakdownOf(
      many,
      Array.from({ length: 230 }, (_, at) => `/${at}`),
    )
    expect([names.groups.length, names.groupsNotKept]).toEqual([200, 30])
    expect(failures.kinds).toHaveLength(20)
    expect(failures.kinds.reduce((sum, { counts }) => sum + counts[0]!, failures.others![0]!)).toBe(230)
  })

  it('has at most 240 columns of heat, and fewer steps where a long run has many names', () => {
    const long = new Measurements()
    for (let second = 0; second < 3600; second += 300) {
      for (let at = 0; at < 200; at++) addSecond(long, second, 1, 5, `/${at}`)
    }
    const { names, heat } = breakdownOf(long, ['/0'])
    expect(names.toMs.length).toBe(12)
    expect(heat.toMs.length).toBeLessThanOrEqual(240)
    expect(long.breakdown.names.stepSeconds).toBe(32)
  })
})
