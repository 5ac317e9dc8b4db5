import { describe, expect, it } from 'vitest'
import type { UsageReport } from '../../../contract/usage-report.ts'
import { ControlPlane } from '../../../harness/control/control-plane.ts'
import { TargetSource } from '../../../harness/server/target-source.ts'
import { freePort } from '../../support/free-port.ts'
import { testTarget, type TestTarget } from './support.ts'

async function usageOf(target: TestTarget, token?: string): Promise<UsageReport> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`${target.controlUrl}/_loadcell/usage`, { headers: { connection: 'close', ...headers } })
  expect(answer.status).toBe(200)
  return (await answer.json()) as UsageReport
}

const station = (name: string) => ({
  id: name,
  match: { operation: 'products.list' },
  fault: { type: 'capacity', servers: 1, service: '300ms', station: name },
})

describe('GET /_loadcell/usage', () => {
  it('tells CPU, memory, the event loop and connections, which agree with what the target does', async () => {
    const target = await testTarget()
    const before = await usageOf(target)
    const until = performance.now() + 50
    while (performance.now() < until);
    const after = await usageOf(target)
    expect(after.atMs - before.atMs).toBeGreaterThanOrEqual(50)
    expect(after.cpuMs - before.cpuMs).toBeGreaterThan(10)
    expect(after.cores).toBeGreaterThan(0)
    expect(after.eventLoop.busyMs).toBeGreaterThanOrEqual(before.eventLoop.busyMs)
    expect(after.memory.rssBytes).toBeGreaterThan(after.memory.heapBytes)
    expect(after.memory.heapLimitBytes).toBeGreaterThan(after.memory.heapBytes)
    expect(after.memory.budgetLimitBytes).toBeGreaterThan(after.memory.budgetUsedBytes)
    expect(after.streams).toEqual({ open: 0, limit: 20_000 })
    expect(after.reports).toEqual({ open: 0, limit: 8, queued: 0 })
  })

  it('counts open connections and streams, without its own', async () => {
    const target = await testTarget()
    const { connections } = await usageOf(target)
    const end = new AbortController()
    await fetch(`${target.url}/v1/streams/orders`, {
      signal: end.signal,
      headers: { accept: 'text/event-stream', authorization: `Bearer ${await target.token('consumer')}` },
    })
    const open = await usageOf(target)
    end.abort()
    expect(open.streams.open).toBe(1)
    expect(open.connections - connections).toBeGreaterThanOrEqual(1)
  })

  it('tells how busy each station is, and how many wait for it', async () => {
    const target = await testTarget({ 'faults.rules': JSON.stringify([station('db')]) })
    const visits = Promise.all([1, 2, 3].map(() => fetch(`${target.url}/products`)))
    await expect
      .poll(async () => (await usageOf(target)).stations)
      .toEqual([{ name: 'db', servers: 1, queued: 2, busyMs: expect.any(Number) as number }])
    await visits
    const [served] = (await usageOf(target)).stations
    expect(served!.queued).toBe(0)
    expect(Math.abs(served!.busyMs - 900)).toBeLessThan(1)
  })

  it('tells the first 32 stations, and how many more there are', async () => {
    const target = await testTarget()
    const rules = Array.from({ length: 34 }, (_, ordinal) => station(`s${ordinal}`))
    const put = await fetch(`${target.url}/_loadcell/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rules }),
    })
    expect(put.status).toBe(200)
    const { stations, stationsNotShown } = await usageOf(target)
    expect([stations.length, stationsNotShown]).toEqual([32, 2])
  })

  it('appears neither in the ledger nor in the counts of /metrics', async () => {
    const target = await testTarget()
    for (let ordinal = 0; ordinal < 5; ordinal++) await usageOf(target)
    const { operations } = await target.settledLedger()
    expect(operations.filter(({ arrivals }) => arrivals > 0)).toEqual([])
    const metrics = await (await fetch(`${target.url}/metrics`)).text()
    expect(metrics.match(/^loadcell_requests_total\{.*\} [1-9].*$/gm)).toBeNull()
  })

  it('needs the token of the control plane, and is on its port', async () => {
    const target = await testTarget({ 'control.token': 'control-secret', 'control.port': String(await freePort()) })
    expect((await fetch(`${target.controlUrl}/_loadcell/usage`)).status).toBe(403)
    expect(await usageOf(target, 'control-secret')).toHaveProperty('cores')
  })
})

describe('TargetSource', () => {
  const sourceOf = (target: TestTarget, controlToken?: string) =>
    TargetSource.of(new ControlPlane({ targetUrl: target.url, controlToken: controlToken ?? '' }))

  it('makes rates of what grows, and knows the limits', async () => {
    const source = await sourceOf(await testTarget({ 'faults.rules': JSON.stringify([station('db')]) }))
    if (typeof source === 'string') throw new Error(source)
    const first = await source.sample()
    expect(first.find(({ name }) => name === 'cpu_cores')!.value).toBeUndefined()
    const second = new Map((await source.sample()).map(point => [point.name, point]))
    expect(second.get('cpu_cores')!.value).toBeGreaterThanOrEqual(0)
    expect(second.get('event_loop_busy_share')).toMatchObject({ limit: 1, value: expect.any(Number) as number })
    expect(second.get('station_busy_share')).toEqual({
      name: 'station_busy_share',
      labels: { station: 'db' },
      value: 0,
      limit: 1,
    })
    expect(second.get('streams_open')).toEqual({ name: 'streams_open', labels: {}, value: 0, limit: 20_000 })
  })

  it('says why there is none without the token', async () => {
    const target = await testTarget({ 'control.token': 'control-secret' })
    expect(await sourceOf(target)).toContain('denied access; set LOADCELL_CONTROL_TOKEN')
    expect(await sourceOf(target, 'control-secret')).toBeInstanceOf(TargetSource)
  })
})
