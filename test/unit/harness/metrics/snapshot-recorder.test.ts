import { describe, expect, it } from 'vitest'
import { Phases } from '../../../../harness/metrics/phases.ts'
import type { RequestSample } from '../../../../harness/metrics/recorder.ts'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { SnapshotRecorder } from '../../../../harness/metrics/snapshot-recorder.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const tags = { name: '/a', method: 'GET', operation: 'unmatched', user: 'u', task: '' } as const
const sample: RequestSample = {
  tags,
  dueAt: 0,
  handedAt: 1,
  sentAt: 2,
  headAt: 5,
  endedAt: 10,
  status: 200,
  sentBytes: 0,
  receivedBytes: 7,
  stream: false,
}

function recorder() {
  return new SnapshotRecorder(new FakeClock(), 0)
}

describe('SnapshotRecorder', () => {
  it('keeps a request under its tags and status', () => {
    const one = recorder()
    one.request(sample)
    one.request({ ...sample, status: 503, failure: { reason: 'status', example: '503' } })
    expect(one.snapshot.total('http_reqs', { status: '200' })).toBe(1)
    expect(one.snapshot.total('http_reqs', { name: '/a' })).toBe(2)
    expect(one.snapshot.hits('http_req_failed')).toBe(1)
    expect(one.snapshot.histogram('http_req_waiting').maxMs).toBe(3)
    expect(one.snapshot.errors.rows()).toMatchObject([{ reason: 'status', name: '/a', status: 503, firstMs: 10 }])
  })

  it('counts the responses with 429, whether or not they were failures', () => {
    const one = recorder()
    one.request(sample)
    one.request({ ...sample, status: 429 })
    one.request({ ...sample, status: 429, failure: { reason: 'rate_limited', example: '429' } })
    one.request({ ...sample, status: 0, failure: { reason: 'reset', example: 'reset' } })
    expect(one.snapshot.merged('http_req_rate_limited')).toEqual({ kind: 'rate', hits: 2, total: 3 })
    expect(one.snapshot.hits('http_req_rate_limited', { name: '/a', method: 'GET' })).toBe(2)
    expect(one.snapshot.merged('http_req_failed')).toEqual({ kind: 'rate', hits: 2, total: 4 })
  })

  it('keeps everything but times of streams and of requests that the run itself cut off', () => {
    const one = recorder()
    one.request({ ...sample, stream: true })
    one.request({ ...sample, status: 0, failure: { reason: 'interrupted', example: 'the run ended' } })
    expect(one.snapshot.total('http_reqs')).toBe(2)
    expect(one.snapshot.total('data_received')).toBe(14)
    expect(one.snapshot.histogram('http_req_duration').count).toBe(0)
  })

  it('counts bytes of a stream once that were recorded as they came', () => {
    const one = recorder()
    one.add('data_received', { ...tags, status: '200' }, 5)
    one.request({ ...sample, stream: true, recorded: { sentBytes: 0, receivedBytes: 5 } })
    expect(one.snapshot.total('data_received', { name: '/a', status: '200' })).toBe(7)
    expect(one.snapshot.select('data_received')).toHaveLength(1)
  })

  it('compares tags by their content and not by identity', () => {
    const one = recorder()
    one.add('iterations', { user: 'u', task: 't' })
    one.add('iterations', { task: 't', user: 'u' }, 2)
    expect(one.snapshot.select('iterations')).toHaveLength(1)
    expect(one.snapshot.total('iterations')).toBe(3)
  })

  it('bounds the number of series and loses no count by it', () => {
    const one = recorder()
    for (let name = 0; name < 5000; name++) one.add('sse_events', { stream: `s${name}` })
    expect(one.snapshot.select('sse_events').length).toBeLessThanOrEqual(2001)
    expect(one.snapshot.total('sse_events')).toBe(5000)
    expect(one.snapshot.total('sse_events', { stream: '(other)' })).toBe(3000)
  })

  it('keeps the series for comparing results past the limit, too', () => {
    const one = recorder()
    const request = (name: string, status: number) =>
      one.request({ ...sample, tags: { ...sample.tags, name, operation: 'products.list' }, status })
    for (let name = 0; name < 1000; name++) for (const status of [200, 503]) request(`n${name}`, status)
    const { snapshot } = one
    expect(snapshot.select('http_reqs').length).toBeLessThan(500)
    expect(snapshot.total('http_reqs', { operation: 'products.list', status: '503' })).toBe(1000)
    expect(snapshot.total('data_received', { operation: 'products.list' })).toBe(2000 * sample.receivedBytes)
  })

  it('gives up tags of the scenario before names', () => {
    const one = recorder()
    for (let at = 0; at < 4000; at++)
      one.add('http_reqs', { name: `/route-${at % 40}`, region: `r${Math.floor(at / 40)}` })
    const names = one.snapshot.select('http_reqs').map(({ tags }) => tags.name)
    expect(new Set(names).size, 'names').toBe(40)
    expect(one.snapshot.total('http_reqs', { region: '(other)' }), 'requests without their region').toBe(2500)
    expect(one.snapshot.total('http_reqs'), 'all requests').toBe(4000)
  })

  it('keeps the series of thresholds past the limit, too', () => {
    const wanted = [{ metric: 'sse_events', selector: { stream: 's4000' } }] as const
    const one = new SnapshotRecorder(new FakeClock(), 0, undefined, wanted)
    for (let name = 0; name < 5000; name++) one.add('sse_events', { name: `n${name}`, stream: `s${name}` })
    expect(one.snapshot.total('sse_events', { stream: 's4000' })).toBe(1)
    expect(one.snapshot.select('sse_events').length).toBeLessThanOrEqual(2002)
  })

  it('bounds names made up by scenarios, too', () => {
    const one = recorder()
    for (let index = 0; index < 20_000; index++) {
      one.hit('checks', { check: `c${index}`, user: `u${index}`, task: `t${index}` }, true)
    }
    expect(one.snapshot.select('checks').length).toBeLessThan(6100)
    expect(one.snapshot.total('iterations')).toBe(0)
    expect(one.snapshot.hits('checks')).toBe(20_000)
  })

  it('bounds the error table and loses no count by it', () => {
    const one = recorder()
    for (let name = 0; name < 1000; name++) one.fail({ reason: 'other', name: `n${name}`, example: 'x'.repeat(1000) })
    const rows = one.snapshot.errors.rows()
    expect(rows.length).toBeLessThanOrEqual(201)
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(1000)
    expect(rows[0]).toMatchObject({ name: '(other)', count: 800 })
    expect(rows.every(({ example }) => example.length === 301 && example.endsWith('…'))).toBe(true)
  })

  it('starts each interval empty, and hands out only what was recorded in it', () => {
    const one = recorder()
    const all = new Snapshot()
    const lent = (): number[] => {
      const counts: number[] = []
      one.snapshot.lend(delta => {
        const trends = ['http_req_duration', 'event_e2e_latency'] as const
        for (const metric of trends) counts.push(delta.histogram(metric).count)
        counts.push(delta.errors.rows().length)
        all.absorb(delta)
      })
      return counts
    }
    one.request({ ...sample, failure: { reason: 'status', example: 'first' } })
    one.time('event_e2e_latency', {}, 4)
    expect(lent()).toEqual([1, 1, 1])
    expect(lent()).toEqual([0, 0, 0])
    one.request(sample)
    expect(lent()).toEqual([1, 0, 0])
    expect(all.histogram('http_req_duration').count).toBe(2)
    expect(all.total('http_reqs', { status: '200' })).toBe(2)
    expect(all.errors.rows()).toMatchObject([{ count: 1, example: 'first' }])
  })

  it('keeps the last and the highest value of a gauge', () => {
    const one = recorder()
    for (const value of [3, 9, 2]) one.set('vus', {}, value)
    expect(one.snapshot.merged('vus')).toEqual({ kind: 'gauge', last: 2, max: 9 })
  })
})

describe('a SnapshotRecorder of a load', () => {
  it('tags its samples with the load, in the snapshot of the whole run', () => {
    const whole = recorder()
    const [browse, sale] = [whole.ofLoad('browse', 0), whole.ofLoad('sale', 1)]
    for (const one of [whole, browse, sale, sale]) {
      one.request(sample)
      one.add('iterations', {})
      one.hit('checks', {}, true)
      one.time('iteration_duration', {}, 5)
    }
    const { snapshot } = whole
    for (const metric of ['http_reqs', 'iterations'] as const) {
      expect(snapshot.total(metric)).toBe(4)
      expect(snapshot.total(metric, { load: 'browse' })).toBe(1)
      expect(snapshot.total(metric, { load: 'sale' })).toBe(2)
      expect(snapshot.select(metric).filter(({ tags }) => tags.load === undefined)).toHaveLength(1)
    }
    expect(snapshot.histogram('iteration_duration', { load: 'sale' }).count).toBe(2)
    expect(snapshot.merged('checks', { load: 'sale' })).toEqual({ kind: 'rate', hits: 2, total: 2 })
  })

  it('adds up the gauges of loads, as it does those of workers', () => {
    const whole = recorder()
    const [browse, sale] = [whole.ofLoad('browse', 0), whole.ofLoad('sale', 1)]
    for (const value of [4, 3]) browse.set('vus', {}, value)
    sale.set('vus', {}, 9)
    expect(whole.snapshot.merged('vus')).toMatchObject({ last: 12, max: 13 })
    expect(whole.snapshot.merged('vus', { load: 'browse' })).toMatchObject({ last: 3, max: 4 })
  })
})

describe('a SnapshotRecorder with phases', () => {
  const clock = new FakeClock()
  const timeline = [
    { name: 'well', duration: 100 },
    { name: 'ill', duration: 100 },
    { name: 'well', duration: 100 },
  ]
  const phased = () => new SnapshotRecorder(clock, 0, new Phases(timeline, 0))

  it('assigns a request to the phase in which it was due, and has the same totals as without phases', () => {
    const [one, plain] = [phased(), recorder()]
    for (const recorder of [one, plain]) {
      recorder.request({ ...sample, dueAt: 10, endedAt: 150 })
      recorder.request({ ...sample, dueAt: 110, endedAt: 290, status: 503, failure: { reason: 'status', example: '' } })
      recorder.request({ ...sample, dueAt: 210, endedAt: 220 })
      recorder.request({ ...sample, dueAt: 310, endedAt: 320 })
    }
    expect(one.snapshot.total('http_reqs', { phase: 'well' })).toBe(2)
    expect(one.snapshot.histogram('http_req_duration', { phase: 'well' }).maxMs).toBe(140)
    expect(one.snapshot.merged('http_req_failed', { phase: 'ill' })).toEqual({ kind: 'rate', hits: 1, total: 1 })
    // After its end there is no phase.
    expect(one.snapshot.select('http_reqs').map(({ tags }) => tags.phase)).toEqual(['well', 'ill', undefined])
    expect(one.snapshot.total('http_reqs', { status: '200' })).toBe(3)
    expect(one.snapshot.merged('http_req_failed')).toEqual(plain.snapshot.merged('http_req_failed'))
    expect(one.snapshot.histogram('http_req_duration').toJSON()).toEqual(
      plain.snapshot.histogram('http_req_duration').toJSON(),
    )
    expect(one.snapshot.errors.rows()).toEqual(plain.snapshot.errors.rows())
  })

  it('assigns samples without a due time to the current phase, and gauges to none', () => {
    const one = phased()
    expect(clock.now()).toBe(0)
    one.add('sse_events', {})
    one.add('sse_events', {}, 3, 150)
    one.hit('checks', {}, true)
    one.time('event_e2e_latency', {}, 5, 150)
    one.set('vus', {}, 4)
    expect(one.snapshot.total('sse_events', { phase: 'well' })).toBe(1)
    expect(one.snapshot.total('sse_events', { phase: 'ill' })).toBe(3)
    expect(one.snapshot.hits('checks', { phase: 'well' })).toBe(1)
    expect(one.snapshot.histogram('event_e2e_latency', { phase: 'ill' }).count).toBe(1)
    expect(one.snapshot.select('vus').map(({ tags }) => tags)).toEqual([{}])
  })

  it('limits the number of series without an effect on sums over all phases', () => {
    const [one, plain] = [phased(), recorder()]
    for (const recorder of [one, plain])
      for (let name = 0; name < 3000; name++)
        for (const dueAt of [50, 150]) recorder.add('sse_events', { stream: `s${name}` }, 1, dueAt)
    expect(one.snapshot.select('sse_events').length).toBeLessThanOrEqual(6001)
    for (const name of [0, 1500, 1999, 2999]) {
      const selector = { stream: `s${name}` }
      expect(one.snapshot.total('sse_events', selector)).toBe(plain.snapshot.total('sse_events', selector))
    }
    expect(plain.snapshot.total('sse_events', { stream: 's1999' })).toBe(2)
    expect(plain.snapshot.total('sse_events', { stream: 's2999' })).toBe(0)
    expect(one.snapshot.total('sse_events')).toBe(6000)
  })
})
