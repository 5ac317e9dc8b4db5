import { describe, expect, it } from 'vitest'
import { ProbeSeconds } from '../../../../harness/capacity/probe-seconds.ts'
import { readSlo } from '../../../../harness/capacity/slo.ts'
import type { Interval } from '../../../../harness/metrics/interval.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { Inspector } from '../../../../harness/plan/inspector.ts'

const slo = readSlo(new Inspector(), ['http_req_duration{status:200} p(95)<100', 'checks rate>0.9'])

function interval(second: number, changes: Partial<Interval> = {}): Interval {
  const delta = new Snapshot()
  for (const status of ['200', '503']) {
    const tags = { name: '/a', method: 'GET', status, user: 'u', task: status }
    delta.value('http_req_duration', tags).histogram.record(10)
    delta.value('http_reqs', tags).total += 1
  }
  delta.value('data_sent', {}).total = 5
  const gauges = { users: 1, streams: 0, sockets: 0 }
  return { second, worker: 0, fromMs: second * 1000, toMs: second * 1000 + 1003, delta, offered: 2, gauges, ...changes }
}

describe('ProbeSeconds', () => {
  it('keeps the tags that the objective and the report ask for, and no others', () => {
    const kept = new ProbeSeconds(slo)
    kept.add(interval(0))
    const [second] = kept.within(0, 1000)
    expect(second!.samples.select('http_req_duration').map(({ tags }) => tags)).toEqual([
      { name: '/a', method: 'GET', status: '200' },
      { name: '/a', method: 'GET', status: '503' },
    ])
    expect(second!.samples.select('http_reqs').map(({ tags, value }) => [tags, value.total])).toEqual([
      [{ name: '/a', method: 'GET' }, 2],
    ])
    expect(second!.samples.select('data_sent')).toEqual([])
  })

  it('adds what comes later to its second, and gives the seconds within a part of the probe', () => {
    const kept = new ProbeSeconds(slo)
    for (const second of [-1, 0, 1, 2, 3]) kept.add(interval(second))
    kept.add(interval(2, { toMs: 3010, offered: 5 }))
    const seconds = kept.within(1000, 3000)
    expect(seconds.map(({ fromMs, toMs, offered }) => [fromMs, toMs, offered])).toEqual([
      [1000, 2003, 2],
      [2000, 3010, 7],
    ])
    expect(seconds[1]!.samples.total('http_reqs')).toBe(4)
  })

  it('does not keep what was lent', () => {
    const kept = new ProbeSeconds(slo)
    const lent = interval(0)
    kept.add(lent)
    lent.delta.value('http_reqs', { name: '/a', method: 'GET', status: '200', user: 'u', task: '200' }).total = 900
    expect(kept.within(0, 1000)[0]!.samples.total('http_reqs')).toBe(2)
  })
})
