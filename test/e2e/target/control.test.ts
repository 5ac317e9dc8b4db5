import { describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import type { Problem } from '../../../contract/problem.ts'
import { event, testTarget, type TestTarget } from './support.ts'

const json = { 'content-type': 'application/json' }

async function control(
  target: TestTarget,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(`${target.url}/_loadcell/${path}`, {
    method,
    headers: { ...(body !== undefined && json), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

describe('the configuration', () => {
  it('is shown without its secrets, and can be replaced by what was shown', async () => {
    const target = await testTarget()
    const { body } = await control(target, 'GET', 'config')
    expect(JSON.stringify(body)).not.toContain('super-secret')
    expect((await control(target, 'PUT', 'config', body)).status).toBe(200)
    expect(await target.token()).toMatch(/^ey/)
  })

  it('takes effect at once when changed', async () => {
    const target = await testTarget()
    const patch = { auth: { tokenTtl: '2s', clients: [{ id: 'new', secret: 'one', scopes: ['events.write'] }] } }
    const { status, body } = await control(target, 'PATCH', 'config', patch)
    expect({ status, body }).toMatchObject({ status: 200, body: { auth: { tokenTtl: '2s' } } })
    const answer = await fetch(`${target.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'new', client_secret: 'one' }),
    })
    expect(await answer.json()).toMatchObject({ expires_in: 2 })
  })

  it('is rejected as a whole if any of it is wrong, with a pointer to each error', async () => {
    const target = await testTarget()
    const { body: before } = await control(target, 'GET', 'config')
    const patch = { auth: { tokenTtl: '2s', verifyCache: -1 }, streams: { partitions: 3 }, feeds: {} }
    const { status, body } = await control(target, 'PATCH', 'config', patch)
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect((body as Problem).errors).toEqual([
      { pointer: '/feeds', detail: 'there is no such key; did you mean feed?' },
      { pointer: '/auth/verifyCache', detail: 'expected 0…10000000, got -1' },
    ])
    const { body: restart } = await control(target, 'PATCH', 'config', {
      auth: { tokenTtl: '2s' },
      streams: { partitions: 3 },
    })
    expect((restart as Problem).errors).toEqual([
      { pointer: '/streams/partitions', detail: 'expected 8 until the target is started again, got 3' },
    ])
    for (const nonsense of [[], 'x', 5]) expect((await control(target, 'PUT', 'config', nonsense)).status).toBe(400)
    expect((await control(target, 'GET', 'config')).body).toEqual(before)
  })
})

describe('access', () => {
  it('without a token is limited to loopback names', async () => {
    const target = await testTarget()
    const answer = await target.raw('GET /_loadcell/config HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer).toContain('control_forbidden')
    expect((await control(target, 'GET', 'config')).status).toBe(200)
  })

  it('with a token, serves only clients that have it', async () => {
    const target = await testTarget({ 'control.token': 'the-token' })
    const authorization = 'Bearer the-token'
    for (const [method, path] of [
      ['GET', 'config'],
      ['PATCH', 'config'],
      ['GET', 'ledger'],
      ['GET', 'ledger/records'],
      ['GET', 'runs'],
      ['POST', 'reset'],
      ['POST', 'disconnect'],
    ] as const) {
      for (const headers of [{}, { authorization: 'Bearer the-tokem' }, { authorization: 'Bearer ' }]) {
        const { status, body } = await control(target, method, path, undefined, headers as Record<string, string>)
        expect({ path, status, body }).toMatchObject({ path, status: 403, body: { code: 'control_forbidden' } })
      }
    }
    const { status, body } = await control(target, 'GET', 'config', undefined, { authorization })
    expect({ status, body }).toMatchObject({ status: 200, body: { control: { token: '***' } } })
    await control(target, 'PATCH', 'config', { control: { token: 'another' } }, { authorization })
    expect((await control(target, 'GET', 'config', undefined, { authorization })).status).toBe(403)
  })
})

describe('the ledger', () => {
  it('is kept per run, or for the default run if none is named, and never counts the control plane', async () => {
    const target = await testTarget()
    await fetch(`${target.url}/healthz`)
    await fetch(`${target.url}/healthz`, { headers: { 'x-loadcell-run': 'mine' } })
    await fetch(`${target.url}/metrics`)
    await fetch(`${target.url}/_loadcell/nowhere`)
    await control(target, 'DELETE', 'config')
    expect((await target.settledLedger()).operations.map(({ operation, arrivals }) => [operation, arrivals])).toEqual([
      ['health.live', 1],
    ])
    expect(await target.settledLedger('mine')).toMatchObject({ run: 'mine', operations: [{ arrivals: 1 }] })
    expect((await control(target, 'GET', 'runs')).body).toMatchObject({ runs: ['default', 'mine'] })
    expect((await control(target, 'GET', 'ledger?run=a%00b')).status).toBe(400)
  })

  it('responds with 404 for an unknown run, and names the known ones', async () => {
    const target = await testTarget({ 'ledger.runs': '100' })
    expect(await target.settledLedger()).toMatchObject({ run: 'default', operations: [] })
    for (const path of ['ledger?run=nobody', 'ledger/records?run=nobody']) {
      expect(await control(target, 'GET', path)).toMatchObject({ status: 404, body: { code: 'unknown_run' } })
    }
    for (let n = 0; n < 60; n += 1) await fetch(`${target.url}/healthz`, { headers: { 'x-loadcell-run': `run-${n}` } })
    const { detail } = (await control(target, 'GET', 'ledger?run=nobody')).body as Problem
    expect(detail).toContain('no request of run "nobody" has come')
    expect(detail).toMatch(/known: "run-10", .*"run-59" and 10 more$/)
    await control(target, 'POST', 'reset?what=ledger')
    expect((await control(target, 'GET', 'ledger?run=run-3')).status).toBe(404)
  })

  it('keeps the paths of unmatched requests, up to a limit', async () => {
    const target = await testTarget()
    const send = (path: string, method = 'GET') => fetch(`${target.url}${path}`, { method })
    await send('/product/1?token=secret')
    await send('/product/1')
    await send('/products/1', 'PATCH')
    await send('/products/%zz')
    await send('/_loadcell/nowhere')
    expect(await target.settledLedger()).toMatchObject({
      unmatched: [
        { method: 'GET', path: '/product/1', count: 2 },
        { method: 'PATCH', path: '/products/1', count: 1 },
        { method: 'GET', path: '/products/%zz', count: 1 },
      ],
      unmatchedNotKept: 0,
    })
    for (let n = 0; n < 210; n += 1) await send(`/${'long'.repeat(100)}/${n}`)
    for (let n = 0; n < 210; n += 1) await send(`/other/${n}`)
    const { unmatched, unmatchedNotKept, operations } = await target.settledLedger()
    expect(unmatched.length).toBe(200)
    expect(Math.max(...unmatched.map(({ path }) => path.length))).toBe(200)
    const kept = unmatched.reduce((sum, { count }) => sum + count, 0)
    expect(kept + unmatchedNotKept).toBe(operations.reduce((sum, { arrivals }) => sum + arrivals, 0))
  })

  it('streams its records, one per line', async () => {
    const target = await testTarget({ 'ledger.records': '600' })
    for (let request = 0; request < 700; request += 50) {
      await Promise.all(Array.from({ length: 50 }, () => fetch(`${target.url}/healthz`)))
    }
    expect((await target.settledLedger()).records).toEqual({ kept: 600, notKept: 100 })
    const lines = (await (await fetch(`${target.url}/_loadcell/ledger/records`)).text()).trimEnd().split('\n')
    const records = lines.map(line => JSON.parse(line) as LedgerRecord)
    expect(records.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 600 }, (_, index) => 100 + index))
    expect(records[0]).toMatchObject({ run: 'default', operation: 'health.live', status: 200, outcome: 'completed' })
  })
})

describe('reset and disconnect', () => {
  it('clear what was selected', async () => {
    const target = await testTarget()
    const headers = { ...json, authorization: `Bearer ${await target.token()}` }
    const publish = async () => {
      const init = { method: 'POST', headers, body: JSON.stringify(event('same')) }
      return (await fetch(`${target.url}/v1/events/publish`, init)).json()
    }
    await publish()
    expect(await publish()).toMatchObject({ duplicate: true })
    expect((await control(target, 'POST', 'reset?what=data')).body).toEqual({ reset: 'data' })
    expect(await publish()).not.toHaveProperty('duplicate')
    await control(target, 'POST', 'reset')
    expect((await target.settledLedger()).operations).toEqual([])
    expect((await control(target, 'POST', 'reset?what=nothing')).status).toBe(400)
  })

  it('cut open streams, and the ledger gives the reason', async () => {
    const target = await testTarget()
    const authorization = `Bearer ${await target.token('consumer')}`
    const stream = await fetch(`${target.url}/v1/streams/orders`, { headers: { authorization } })
    const text = stream.text()
    for (const share of ['2', '-1', 'x', '']) {
      expect((await control(target, 'POST', `disconnect?share=${share}`)).status).toBe(400)
    }
    expect((await control(target, 'POST', 'disconnect?share=1')).body).toEqual({ disconnected: 1 })
    const sent = await text
    const report = await target.settledLedger()
    expect(report.streams).toMatchObject({ opened: 1, closed: { control: 1 } })
    const account = report.operations.find(({ operation }) => operation === 'streams.read')
    expect(account).toMatchObject({ statuses: { 200: 1 }, aborted: 0, bytesOut: Buffer.byteLength(sent) })
  })
})

describe('/metrics', () => {
  it('shows the totals of all runs, including forgotten ones, and no secrets', async () => {
    const target = await testTarget({ 'ledger.runs': '1', 'control.token': 'the-token' })
    for (const run of ['a', 'b', 'c']) await fetch(`${target.url}/healthz`, { headers: { 'x-loadcell-run': run } })
    await fetch(`${target.url}/nowhere`)
    const answer = await fetch(`${target.url}/metrics`)
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(text).toContain('loadcell_responses_total{operation="health.live",status="200"} 3')
    expect(text).toContain('loadcell_responses_total{operation="unmatched",status="404"} 1')
    expect(text).toContain('loadcell_streams_open 0')
    expect(text).toMatch(/^process_cpu_seconds_total /m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
    expect(text).not.toMatch(/the-token|super-secret/)
  })
})
