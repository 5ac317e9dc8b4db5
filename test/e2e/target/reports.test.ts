import { describe, expect, it } from 'vitest'
import type { Product } from '../../../contract/api/catalog.ts'
import type { ReportAccepted } from '../../../contract/api/reports.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { Problem } from '../../../contract/problem.ts'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { reportsClient } from './reports-client.ts'
import { type TestTarget, testTarget } from './support.ts'

const json = { 'content-type': 'application/json' }

const fast = await testTarget({ 'reports.duration': '1ms', 'catalog.products': '50' })
const client = await reportsClient(fast)
/** One worker that never finishes, and a queue of one. */
const stuck = await testTarget({ 'reports.duration': '1h', 'reports.workers': '1', 'reports.queue': '1' })
const stuckClient = await reportsClient(stuck)

describe('a report', () => {
  it.each(['/api/v1/reports', '/api/reports', '/reports'])('is queued, polled and downloaded at %s', async path => {
    const accepted = await client.send('POST', path, {}, { type: 'products', format: 'json' })
    const { job_id, status, status_url } = accepted.json<ReportAccepted>()
    expect({ acceptedStatus: accepted.status, status, statusUrl: status_url }).toEqual({
      acceptedStatus: 202,
      status: 'queued',
      statusUrl: `${path}/${job_id}`,
    })
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

  it('needs no body, and is about orders by default', async () => {
    const { status_url } = (await client.send('POST', '/reports')).json<ReportAccepted>()
    expect(await client.finished(status_url)).toMatchObject({ type: 'orders', format: 'csv', status: 'completed' })
    const empty = await client.send('POST', '/reports', json)
    expect((await client.send('POST', '/reports', {}, null)).status).toBe(400)
    expect(empty.status).toBe(202)
    expect(await client.poll((await client.submit({ report_type: 'sales' })).status_url)).toMatchObject({
      type: 'sales',
    })
  })

  it('that does not fit its schema is refused, and nothing is queued', async () => {
    const run = { 'x-loadcell-run': 'refused' }
    for (const body of [{ format: 'pdf' }, { type: 7 }, { type: 'x'.repeat(65) }, []]) {
      const answer = await client.send('POST', '/reports', run, body)
      expect({ answerStatus: answer.status, code: answer.json<Problem>().code }).toEqual({
        answerStatus: 400,
        code: 'invalid_request',
      })
    }
    expect((await fast.settledLedger('refused')).reports).toMatchObject({ queued: 0, refused: 0, open: 0 })
  })

  it('says when to poll again until it is finished', async () => {
    const { status_url } = await stuckClient.submit()
    const running = await stuckClient.send('GET', status_url)
    expect(running.headers.get('retry-after')).toMatch(/^3[0-6]\d\d$/)
    expect(running.json()).toMatchObject({ status: 'running', progress: 0, finished_at: null })
    expect(running.json()).not.toHaveProperty('download_url')
    const early = await stuckClient.send('GET', `${status_url}/download`)
    expect({ earlyStatus: early.status, code: early.json<Problem>().code }).toEqual({
      earlyStatus: 409,
      code: 'report_not_ready',
    })
    await stuckClient.send('DELETE', status_url)
    expect((await stuckClient.send('GET', status_url)).headers.get('retry-after')).toBeNull()
  })

  it('is refused when the queue is full', async () => {
    const run = { 'x-loadcell-run': 'full' }
    const [running, waiting] = [await stuckClient.submit({}, run), await stuckClient.submit({}, run)]
    const full = await stuckClient.send('POST', '/reports', run, {})
    expect({ fullStatus: full.status, code: full.json<Problem>().code }).toEqual({
      fullStatus: 503,
      code: 'queue_full',
    })
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

  it('belongs to one tenant and to the account that requested it', async () => {
    const { status_url } = await client.submit()
    await client.finished(status_url)
    const elsewhere = { 'x-tenant-id': 'elsewhere' }
    for (const [method, path] of [
      ['GET', status_url],
      ['GET', `${status_url}/download`],
      ['DELETE', status_url],
    ] as const) {
      const answer = await client.send(method, path, elsewhere)
      expect({ answerStatus: answer.status, code: answer.json<Problem>().code }).toEqual({
        answerStatus: 404,
        code: 'not_found',
      })
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
    expect({
      againStatus: again.status,
      idempotentReplayed: again.headers.get('idempotent-replayed'),
    }).toEqual({ againStatus: 202, idempotentReplayed: 'true' })
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect((await fast.settledLedger('once')).reports.queued).toBe(1)
  })

  it('fails as often as configured', async () => {
    const failing = await testTarget({ 'reports.duration': '0ms', 'reports.failureRate': '1' })
    const client = await reportsClient(failing)
    const { status_url } = await client.submit()
    expect(await client.finished(status_url)).toMatchObject({ status: 'failed', error: { code: 'report_failed' } })
    expect((await client.send('GET', `${status_url}/download`)).status).toBe(409)
  })
})

describe('the ledger', () => {
  it('reports the same state as polling', async () => {
    const target = await testTarget({
      'reports.duration': '1h',
      'reports.workers': '4',
      'reports.queue': '40',
      'reports.failureRate': '0.3',
    })
    const client = await reportsClient(target)
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
    // From here on jobs finish, once the endless ones have been removed.
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
  it('apply from when they are changed', async () => {
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
  it('end requests in progress', async () => {
    // A remaining timer would keep the process alive.
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
    const client = await reportsClient(target)
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

function between(from: string | null, to: string | null): number {
  return Date.parse(to!) - Date.parse(from!)
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
