import { Agent, request as send } from 'node:http'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { clientsFlag, testTarget, tokenOf } from './support.ts'

const target = await testTarget({ 'ledger.details': 'true', ...clientsFlag({ shop: ['events.publish'] }) })
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
afterAll(() => agent.destroy())

beforeEach(async () => {
  await fetch(`${target.url}/_loadcell/reset?what=ledger`, { method: 'POST' })
})

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string
  agent?: Agent | false
}

function ask(path: string, { method = 'GET', headers = {}, body, agent: through = agent }: Sent = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = send(`${target.url}${path}`, { method, headers, agent: through }, answer => {
      answer.resume().on('end', resolve)
    })
    request.on('error', reject).end(body)
  })
}

async function details(): Promise<LedgerRecord['details'][]> {
  await target.settledLedger()
  const answer = await fetch(`${target.url}/_loadcell/ledger/records`)
  const lines = (await answer.text()).split('\n').filter(Boolean)
  return lines.map(line => (JSON.parse(line) as LedgerRecord).details)
}

describe('the details of a record', () => {
  it('name the method, the URL with its query and the user agent', async () => {
    await ask('/api/v1/products?page=2', { headers: { 'user-agent': 'probe/1' } })
    expect(await details()).toMatchObject([{ method: 'GET', url: '/api/v1/products?page=2', userAgent: 'probe/1' }])
  })

  it('tell one connection from another', async () => {
    await ask('/health')
    await ask('/health')
    await ask('/health', { agent: false })
    const [first, second, other] = (await details()).map(each => each?.connection)
    expect(second).toBe(first)
    expect(other).not.toBe(first)
  })

  it('have one digest for one body, and another for another', async () => {
    const order = (email: string) =>
      ask('/api/v1/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: 'x' }),
      })
    await order('a@example.com')
    await order('a@example.com')
    await order('b@example.com')
    const [first, second, other] = (await details()).map(each => each?.body)
    expect(first).toBeTypeOf('number')
    expect(second).toBe(first)
    expect(other).not.toBe(first)
  })

  it('name the caller and the problem, and keep no token', async () => {
    const token = await tokenOf(target, 'shop')
    await ask('/api/v1/orders', { headers: { authorization: `Bearer ${token}` } })
    await ask('/api/v1/orders', { headers: { authorization: 'Bearer nonsense' } })
    await ask(`/api/v1/streams/orders?access_token=${token}&limit=1`, { headers: { accept: 'application/json' } })
    const records = await details()
    expect(records.find(each => each?.caller !== undefined)).toMatchObject({ caller: 'client:shop' })
    expect(records.find(each => each?.problem === 'invalid_token')).toBeDefined()
    expect(JSON.stringify(records)).not.toContain(token)
    expect(JSON.stringify(records)).not.toContain('nonsense')
  })

  it('keep the trace of any client, if it is valid', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` }
    await ask('/health', { headers })
    await ask('/health', { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01-and-more` } })
    await ask('/health', { headers: { traceparent: '"><script>'.repeat(100) } })
    expect((await details()).map(each => each?.trace)).toEqual([trace, undefined, undefined])
    const records = await (await fetch(`${target.url}/_loadcell/ledger/records?trace=${trace}`)).text()
    expect(
      records
        .trimEnd()
        .split('\n')
        .map(line => (JSON.parse(line) as LedgerRecord).details?.trace),
    ).toEqual([trace])
    expect((await target.settledLedger()).slowest).toHaveLength(3)
    const { status } = await fetch(`${target.url}/_loadcell/ledger/records?trace=${trace.slice(1)}`)
    expect(status).toBe(400)
  })

  it('show the slowest requests with their traces, without streams', async () => {
    const slow = await testTarget({
      'ledger.details': 'true',
      'faults.rules': JSON.stringify([
        { id: 'slow', match: { operation: 'products.list' }, fault: { type: 'delay', distribution: '30ms' } },
      ]),
    })
    const trace = '5bf92f3577b34da6a3ce929d0e0e4736'
    for (let index = 0; index < 12; index++) await (await fetch(`${slow.url}/health`)).text()
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` }
    await (await fetch(`${slow.url}/api/v1/products`, { headers })).text()
    const { slowest = [], firstAt = 0 } = await slow.settledLedger()
    expect(slowest).toHaveLength(10)
    expect(slowest[0]).toMatchObject({
      operation: 'products.list',
      method: 'GET',
      url: '/api/v1/products',
      status: 200,
      trace,
    })
    expect(slowest[0]!.startedAt).toBeGreaterThanOrEqual(firstAt)
    expect(slowest.slice(1).every(({ url }) => url === '/health')).toBe(true)
  })

  it('are absent unless they were asked for', async () => {
    const plain = await testTarget()
    await (await fetch(`${plain.url}/health`)).text()
    await plain.settledLedger()
    const answer = await fetch(`${plain.url}/_loadcell/ledger/records`)
    expect(JSON.parse(await answer.text())).not.toHaveProperty('details')
  })
})
