import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { Product } from '../../../contract/api/catalog.ts'
import type { LoginResponse } from '../../../contract/api/accounts.ts'
import type { TokenResponse } from '../../../contract/api/oauth.ts'
import type { Order } from '../../../contract/api/orders.ts'
import type { Report, ReportAccepted } from '../../../contract/api/reports.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { Problem } from '../../../contract/problem.ts'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { operation, type TestTarget, testTarget } from './support.ts'

const json = { 'content-type': 'application/json' }

/** What `reporting-service` does with reports. */
async function clientOf(target: Pick<TestTarget, 'url'>) {
  const grant = { grant_type: 'client_credentials', client_id: 'reporting-service', client_secret: 'reporting-secret' }
  const answer = await fetch(`${target.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(grant) })
  const bearer = { authorization: `Bearer ${((await answer.json()) as TokenResponse).access_token}` }
  const send = async (method: string, path: string, headers: Record<string, string> = {}, body?: object) => {
    const response = await fetch(target.url + path, {
      method,
      headers: { ...bearer, ...(body && json), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a test knows what it asked for
      json: <T>() => JSON.parse(bytes.toString()) as T,
    }
  }
  const submit = async (body: object = {}, headers: Record<string, string> = {}) =>
    (await send('POST', '/api/v1/reports', headers, body)).json<ReportAccepted>()
  const poll = async (path: string, headers: Record<string, string> = {}) =>
    (await send('GET', path, headers)).json<Report>()
  return {
    bearer,
    send,
    submit,
    poll,
    /** Polls until it is finished. */
    async finished(path: string, headers: Record<string, string> = {}): Promise<Report> {
      for (;;) {
        const report = await poll(path, headers)
        if (report.finished_at !== null) return report
        await delay(5)
      }
    },
  }
}

const fast = await testTarget({ 'reports.duration': '1ms', 'catalog.products': '50' })
const client = await clientOf(fast)
/** One worker that never comes to an end, and room for one. */
const stuck = await testTarget({ 'reports.duration': '1h', 'reports.workers': '1', 'reports.queue': '1' })
const stuckClient = await clientOf(stuck)

const download = async (body: object, headers: Record<string, string> = {}) => {
  const { status_url } = await client.submit(body)
  const { download_url } = await client.finished(status_url)
  return { path: download_url!, ...(await client.send('GET', download_url!, headers)) }
}

describe('a report', () => {
  it.each(['/api/v1/reports', '/api/reports', '/reports'])('is queued, polled and downloaded at %s', async path => {
    const accepted = await client.send('POST', path, {}, { type: 'products', format: 'json' })
    const { job_id, status, status_url } = accepted.json<ReportAccepted>()
    expect([accepted.status, status, status_url]).toEqual([202, 'queued', `${path}/${job_id}`])
    expect(accepted.headers.get('location')).toBe(status_url)
    expect(accepted.headers.get('retry-after')).toBe('1')
    const report = await client.finished(status_url)
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(report).toEqual({
      job_id,
      status: 'completed',
      progress: 100,
      type: 'products',
      format: 'json',
      download_url: `${status_url}/download`,
      queued_at: instant,
      started_at: instant,
      finished_at: instant,
    })
    const file = await client.send('GET', report.download_url!)
    expect(file.json<Product[]>().map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })

  it('needs no body, and is about orders then', async () => {
    const { status_url } = (await client.send('POST', '/reports')).json<ReportAccepted>()
    expect(await client.finished(status_url)).toMatchObject({ type: 'orders', format: 'csv', status: 'completed' })
    const empty = await client.send('POST', '/reports', json)
    expect(empty.status).toBe(202)
    expect(await client.poll((await client.submit({ report_type: 'sales' })).status_url)).toMatchObject({
      type: 'sales',
    })
  })

  it('that does not fit is refused, and nothing is queued', async () => {
    const run = { 'x-loadcell-run': 'refused' }
    for (const body of [{ format: 'pdf' }, { type: 7 }, { type: 'x'.repeat(65) }, []]) {
      const answer = await client.send('POST', '/reports', run, body)
      expect([answer.status, answer.json<Problem>().code]).toEqual([400, 'invalid_request'])
    }
    expect((await fast.settledLedger('refused')).reports).toMatchObject({ queued: 0, refused: 0, open: 0 })
  })

  it('tells when to ask again while it is not finished', async () => {
    const { status_url } = await stuckClient.submit()
    const running = await stuckClient.send('GET', status_url)
    expect(running.headers.get('retry-after')).toBe('3600')
    expect(running.json()).toMatchObject({ status: 'running', progress: 0, finished_at: null })
    expect(running.json()).not.toHaveProperty('download_url')
    const early = await stuckClient.send('GET', `${status_url}/download`)
    expect([early.status, early.json<Problem>().code]).toEqual([409, 'report_not_ready'])
    await stuckClient.send('DELETE', status_url)
    expect((await stuckClient.send('GET', status_url)).headers.get('retry-after')).toBeNull()
  })

  it('is refused when as many wait as may', async () => {
    const run = { 'x-loadcell-run': 'full' }
    const [running, waiting] = [await stuckClient.submit({}, run), await stuckClient.submit({}, run)]
    const full = await stuckClient.send('POST', '/reports', run, {})
    expect([full.status, full.json<Problem>().code]).toEqual([503, 'queue_full'])
    expect(full.headers.get('retry-after')).toBe('3600')
    const metrics = await (await fetch(`${stuck.url}/metrics`)).text()
    expect(metrics).toContain('\nloadcell_reports_queued 1\n')
    expect(metrics).toContain('\nloadcell_reports_running 1\n')
    expect((await stuckClient.send('DELETE', running.status_url, json)).status).toBe(204)
    expect(await stuckClient.poll(waiting.status_url)).toMatchObject({ status: 'running' })
    expect(await stuckClient.poll(running.status_url)).toMatchObject({ status: 'failed', error: { code: 'cancelled' } })
    for (const expected of [204, 204, 404]) {
      expect((await stuckClient.send('DELETE', waiting.status_url)).status).toBe(expected)
    }
    const { reports } = await stuck.settledLedger('full')
    expect(reports).toMatchObject({ queued: 2, refused: 1, cancelled: 2, completed: 0, failed: 0, open: 0 })
    expect(reports.queueWait.count).toBe(2)
  })

  it('belongs to one tenant, and to who asked for it', async () => {
    const { status_url } = await client.submit()
    await client.finished(status_url)
    const elsewhere = { 'x-tenant-id': 'elsewhere' }
    for (const [method, path] of [
      ['GET', status_url],
      ['GET', `${status_url}/download`],
      ['DELETE', status_url],
    ] as const) {
      const answer = await client.send(method, path, elsewhere)
      expect([answer.status, answer.json<Problem>().code]).toEqual([404, 'not_found'])
    }
    for (const id of ['none', '%00', '..%2f', '__proto__']) {
      expect((await client.send('GET', `/reports/${id}`)).status).toBe(404)
    }
  })

  it('needs a token with the scope', async () => {
    expect((await client.send('POST', '/reports', { authorization: '' }, {})).status).toBe(401)
    const authorization = `Bearer ${await fast.token('producer')}`
    expect((await client.send('POST', '/reports', { authorization }, {})).status).toBe(403)
    expect((await client.send('GET', '/reports/none', { authorization })).status).toBe(403)
  })

  it('is queued once under an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'monthly', 'x-loadcell-run': 'once' }
    const [first, again] = [
      await client.send('POST', '/reports', headers, { type: 'products' }),
      await client.send('POST', '/reports', headers, { type: 'products' }),
    ]
    expect(again.json()).toEqual(first.json())
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true'])
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect((await fast.settledLedger('once')).reports.queued).toBe(1)
  })

  it('fails as often as the settings say', async () => {
    const failing = await testTarget({ 'reports.duration': '0ms', 'reports.failureRate': '1' })
    const client = await clientOf(failing)
    const { status_url } = await client.submit()
    expect(await client.finished(status_url)).toMatchObject({ status: 'failed', error: { code: 'report_failed' } })
    expect((await client.send('GET', `${status_url}/download`)).status).toBe(409)
  })
})

describe('a file', () => {
  it('of orders says the same as CSV and as JSON', async () => {
    const [csv, json] = [await download({ type: 'orders' }), await download({ type: 'orders', format: 'json' })]
    const name = (format: string) => new RegExp(`^attachment; filename="orders-[0-9a-f]{24}\\.${format}"$`)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('content-disposition')).toMatch(name('csv'))
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(json.headers.get('content-disposition')).toMatch(name('json'))
    const orders = json.json<Order[]>()
    expect(orders.length).toBe(500)
    expect(parse<object>(csv.bytes, { columns: true })).toEqual(
      orders.flatMap(({ items, id, user_id, status, created_at, currency, total }) =>
        items.map(item => ({
          order_id: String(id),
          order_user_id: String(user_id),
          order_status: status,
          order_created_at: created_at,
          order_currency: currency,
          order_total: String(total),
          product_id: String(item.product_id),
          name: item.name,
          quantity: String(item.quantity),
          unit_price: String(item.unit_price),
          total: String(item.total),
        })),
      ),
    )
  })

  it('of orders is what their owners are told', async () => {
    const reported = (await download({ format: 'json' })).bytes.toString()
    const credentials = { email: 'qa.user2@example.com', password: 'TestPass123!' }
    const login = await client.send('POST', '/auth/login', {}, credentials)
    const { access_token, user } = login.json<LoginResponse>()
    const authorization = `Bearer ${access_token}`
    for (const id of [5001, 5050, 5100]) {
      const order = (await client.send('GET', `/orders/${id}`, { authorization })).json<Order>()
      expect(order.user_id).toBe(user.id)
      expect(JSON.parse(reported)).toContainEqual(order)
    }
  })

  it('of orders is of the tenant’s own', async () => {
    const there = { 'x-tenant-id': 'elsewhere' }
    const { status_url } = await client.submit({}, there)
    const { download_url } = await client.finished(status_url, there)
    const theirs = await client.send('GET', download_url!, there)
    expect(theirs.status).toBe(200)
    expect(theirs.bytes.equals((await download({})).bytes)).toBe(false)
  })

  it('of products and of categories agree', async () => {
    const products = parse<Record<string, string>>((await download({ type: 'inventory' })).bytes, { columns: true })
    const categories = (await download({ type: 'categories', format: 'json' })).bytes.toString()
    expect(products.length).toBe(50)
    for (const { slug, product_count } of JSON.parse(categories) as { slug: string; product_count: number }[]) {
      expect(products.filter(({ category }) => category === slug).length).toBe(product_count)
    }
  })

  it('is the same for the same seed, and has an ETag that says so', async () => {
    const other = await clientOf(await testTarget({ 'reports.duration': '1ms', 'catalog.products': '50' }))
    const { download_url } = await other.finished((await other.submit({ type: 'products' })).status_url)
    const [theirs, ours] = [await other.send('GET', download_url!), await download({ type: 'products' })]
    expect(digest(theirs.bytes)).toBe(digest(ours.bytes))
    expect(theirs.headers.get('etag')).toBe(ours.headers.get('etag'))
    const known = await client.send('GET', ours.path, { 'if-none-match': ours.headers.get('etag')! })
    expect([known.status, known.bytes.length]).toEqual([304, 0])
  })

  it('comes in parts', async () => {
    const { path, bytes, headers } = await download({ type: 'products' })
    expect(headers.get('accept-ranges')).toBe('bytes')
    const total = bytes.length
    const parts: Buffer[] = []
    for (let first = 0; first < total; first += 1000) {
      const part = await client.send('GET', path, { range: `bytes=${first}-${first + 999}` })
      const last = Math.min(first + 999, total - 1)
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes ${first}-${last}/${total}`])
      expect(part.headers.get('content-length')).toBe(String(last - first + 1))
      parts.push(part.bytes)
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    const tail = await client.send('GET', path, { range: 'bytes=-10' })
    expect(tail.bytes.equals(bytes.subarray(-10))).toBe(true)
    const rest = await client.send('GET', path, { range: `bytes=${total - 3}-` })
    expect(rest.bytes.equals(bytes.subarray(-3))).toBe(true)
  })

  it('comes whole when no part can be meant', async () => {
    const { path, bytes, headers } = await download({ type: 'products' })
    const etag = headers.get('etag')!
    for (const asked of [
      { range: 'bytes=0-1,5-6' },
      { range: 'bytes=9-1' },
      { range: 'lines=1-2' },
      { range: 'bytes=0-1', 'if-range': '"another"' },
      { range: 'bytes=0-1', 'if-range': `W/${etag}` },
      { range: 'bytes=0-1', 'if-range': new Date().toUTCString() },
    ]) {
      const whole = await client.send('GET', path, asked as Record<string, string>)
      expect([whole.status, whole.bytes.length, whole.headers.get('content-range')]).toEqual([200, bytes.length, null])
    }
    const part = await client.send('GET', path, { range: 'bytes=0-1', 'if-range': etag })
    expect([part.status, part.bytes.length]).toEqual([206, 2])
  })

  it('has no part beyond its end', async () => {
    const { path, bytes } = await download({ type: 'products' })
    const beyond = await client.send('GET', path, { range: `bytes=${bytes.length}-` })
    expect([beyond.status, beyond.json<Problem>().code]).toEqual([416, 'range_not_satisfiable'])
    expect(beyond.headers.get('content-range')).toBe(`bytes */${bytes.length}`)
    expect(beyond.headers.get('content-type')).toContain('application/problem+json')
    expect(beyond.headers.get('content-disposition')).toBeNull()
  })

  it('answers HEAD as GET without ranges', async () => {
    const { path, bytes, headers } = await download({ type: 'products' })
    const head = await client.send('HEAD', path, { range: 'bytes=0-1' })
    expect([head.status, head.bytes.length]).toEqual([200, 0])
    for (const name of ['content-length', 'etag', 'content-type', 'content-disposition', 'accept-ranges']) {
      expect(head.headers.get(name)).toBe(headers.get(name))
    }
    expect(head.headers.get('content-length')).toBe(String(bytes.length))
  })

  it('counts in the ledger with the bytes that were sent', async () => {
    const { path, bytes } = await download({ type: 'products' })
    const run = { 'x-loadcell-run': 'bytes' }
    await client.send('GET', path, run)
    await client.send('GET', path, { ...run, range: 'bytes=10-19' })
    await client.send('HEAD', path, run)
    const account = operation(await fast.settledLedger('bytes'), 'reports.download')
    expect(account).toMatchObject({ arrivals: 3, bytesOut: bytes.length + 10, statuses: { 200: 2, 206: 1 } })
  })
})

describe('the ledger', () => {
  it('says what polling says', async () => {
    const target = await testTarget({
      'reports.duration': '1h',
      'reports.workers': '4',
      'reports.queue': '40',
      'reports.failureRate': '0.3',
    })
    const client = await clientOf(target)
    const run = { 'x-loadcell-run': 'polled' }
    const answers = await Promise.all(
      Array.from({ length: 80 }, () => client.send('POST', '/reports', run, { type: 'categories' })),
    )
    const urls = answers.filter(({ status }) => status === 202).map(answer => answer.json<ReportAccepted>().status_url)
    expect(urls.length).toBe(44)
    const first = await Promise.all(urls.map(url => client.poll(url, run)))
    const inState = (state: string) => urls.filter((_, index) => first[index]!.status === state)
    expect(inState('running').length).toBe(4)
    for (const url of inState('queued').slice(10, 15)) await client.send('DELETE', url, run)
    // From here on jobs come to an end, once those that would not have made room for them.
    await configure(target, { duration: { type: 'exponential', mean: '20ms' } })
    for (const url of inState('running')) await client.send('DELETE', url, run)
    const last = await Promise.all(urls.map(url => client.finished(url, run)))

    const { reports } = await target.settledLedger('polled')
    const ended = last.filter(({ error }) => error?.code !== 'cancelled')
    const started = last.filter(({ started_at }) => started_at !== null)
    expect(started.length).toBe(39)
    expect(reports).toMatchObject({ queued: 44, refused: 36, cancelled: 9, open: 0 })
    expect(reports.completed).toBe(ended.filter(({ status }) => status === 'completed').length)
    expect(reports.failed).toBe(ended.filter(({ status }) => status === 'failed').length)
    expect(reports.completed + reports.failed).toBe(35)
    const waited = started.map(report => between(report.queued_at, report.started_at))
    const ran = ended.map(report => between(report.started_at, report.finished_at))
    expect(reports.queueWait).toMatchObject({ count: 39, sumMs: sum(waited), maxMs: Math.max(...waited) })
    expect(reports.running).toMatchObject({
      count: 35,
      sumMs: sum(ran),
      minMs: Math.min(...ran),
      maxMs: Math.max(...ran),
    })
  })
})

describe('the settings', () => {
  it('count from when they are changed', async () => {
    const [running, waiting] = [await stuckClient.submit(), await stuckClient.submit()]
    expect(await stuckClient.poll(waiting.status_url)).toMatchObject({ status: 'queued', started_at: null })
    await configure(stuck, { workers: 2 })
    expect(await stuckClient.poll(waiting.status_url)).toMatchObject({ status: 'running' })
    await configure(stuck, { workers: 1 })
    expect(await stuckClient.poll(waiting.status_url)).toMatchObject({ status: 'running' })
    for (const { status_url } of [running, waiting]) await stuckClient.send('DELETE', status_url)
  })
})

describe('reset and close', () => {
  it('end what is under way', async () => {
    // A timer that is left would keep the process from its end.
    let sleeping = 0
    const clock: Clock = {
      ...systemClock,
      async sleep(delayMs, signal) {
        if (delayMs !== 3_600_000) return systemClock.sleep(delayMs, signal)
        sleeping += 1
        await systemClock.sleep(delayMs, signal)
        sleeping -= 1
      },
    }
    const flags = { 'http.port': '0', 'log.level': 'silent', 'reports.duration': '1h', 'http.drainTimeout': '1m' }
    const target = await startTarget(loadConfiguration({ env: {}, flags }), { clock })
    const client = await clientOf(target)
    const { status_url } = await client.submit()
    expect(sleeping).toBe(1)
    expect((await fetch(`${target.url}/_loadcell/reset?what=data`, { method: 'POST' })).status).toBe(200)
    expect((await client.send('GET', status_url)).status).toBe(404)
    expect(sleeping).toBe(0)
    const ledger = (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as LedgerReport
    expect(ledger.reports).toMatchObject({ queued: 1, cancelled: 1, open: 0 })
    await client.submit()
    expect(sleeping).toBe(1)
    await target.close()
    expect(sleeping).toBe(0)
  })
})

async function configure(target: Pick<TestTarget, 'url'>, reports: object): Promise<void> {
  const change = { method: 'PATCH', headers: json, body: JSON.stringify({ reports }) }
  expect((await fetch(`${target.url}/_loadcell/config`, change)).status).toBe(200)
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function between(from: string | null, to: string | null): number {
  return Date.parse(to!) - Date.parse(from!)
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
