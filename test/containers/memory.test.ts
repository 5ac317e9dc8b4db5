import { describe, expect, it } from 'vitest'
import { bothEnds } from './ends.ts'
import { hasEngine } from './engine.ts'

/** More text than the container has memory, in events just below the limit of a body. */
const EVENTS = 300
const MEGABYTE = 'x'.repeat(1_000_000)
/** Two bytes a character in memory, three on the wire. */
const WIDE = '東'.repeat(330_000)

describe.skipIf(!hasEngine())('a target with 256 MB that is sent more than fits in', () => {
  const ends = bothEnds()

  it('forgets the oldest events, says so, serves on, and is as good as new after a reset', async () => {
    const target = await ends.startTarget()
    const url = await target.url(8080)
    const publish = await publisherOf(url)
    const before = await metricsOf(url)
    for (let n = 0; n < EVENTS; n += 1) {
      const status = await publish(`tenant-${n % 20}`, { n, pad: n % 3 === 0 ? WIDE : MEGABYTE })
      expect(status).toBe(202)
    }
    const full = await metricsOf(url)
    expect(full.used).toBeGreaterThan(full.budget / 2)
    expect(full.used).toBeLessThanOrEqual(full.budget)
    expect(full.forgottenEvents).toBeGreaterThan(EVENTS / 2)
    expect((await fetch(`${url}/api/v1/products?limit=1`)).status).toBe(200)

    await target.ask('/reset', 'POST')
    const after = await metricsOf(url)
    expect(after.used).toBeLessThan(before.used + 1_000_000)
    expect(after.tenants).toBe(1)
    expect(await publish('tenant-0', { after: 'all' })).toBe(202)
    expect(await target.state()).toMatchObject({ running: true, outOfMemory: false })
  })
})

type Publish = (tenant: string, data: object) => Promise<number>

async function publisherOf(url: string): Promise<Publish> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'producer-service',
    client_secret: 'producer-secret',
  })
  const { access_token } = (await (await fetch(`${url}/oauth/token`, { method: 'POST', body })).json()) as {
    access_token: string
  }
  let ordinal = 0
  return async (tenant, data) => {
    ordinal += 1
    const answer = await fetch(`${url}/v1/events/publish`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${access_token}`,
        'content-type': 'application/json',
        'x-tenant-id': tenant,
      },
      body: JSON.stringify({ event_type: 'order.created', event_id: `e${ordinal}`, data }),
    })
    await answer.arrayBuffer()
    return answer.status
  }
}

interface MemoryReading {
  budget: number
  used: number
  forgottenEvents: number
  tenants: number
}

async function metricsOf(url: string): Promise<MemoryReading> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name} (\\S+)$`, 'gm'))].reduce((total, [, value]) => total + Number(value), 0)
  return {
    budget: sum('loadcell_memory_budget_bytes'),
    used: sum('loadcell_memory_used_bytes\\{.*\\}'),
    forgottenEvents: sum('loadcell_memory_forgotten_total\\{table="histories"\\}'),
    tenants: sum('loadcell_tenants'),
  }
}
