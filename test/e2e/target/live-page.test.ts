import { describe, expect, it, onTestFinished } from 'vitest'
import type { FaultsReport } from '../../../contract/faults/report.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { LiveChange, TargetHello, TargetSetup, TargetSnapshot } from '../../../contract/target-page.ts'
import { freePort } from '../../support/free-port.ts'
import { PageFeed } from '../../support/page-feed.ts'
import { testTarget, type TestTarget } from './support.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const ui = (target: TestTarget, path = '') => `${target.controlUrl}/_loadcell/ui${path}`

async function follow(target: TestTarget, headers: Record<string, string> = {}): Promise<PageFeed> {
  const feed = await PageFeed.open(ui(target, '/feed'), headers)
  onTestFinished(() => feed.close())
  return feed
}

async function change(target: TestTarget, method: string, path = '', body?: unknown, headers = {}) {
  const answer = await fetch(ui(target, `/changes${path}`), {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as LiveChange & { code?: string; undone?: boolean } }
}

const rulesOf = async (target: TestTarget) => {
  const report = (await (await fetch(`${target.url}/_loadcell/faults`)).json()) as FaultsReport
  return report.rules.map(({ rule }) => rule)
}

const errors = (share: number, expiresAfterMs = 60_000) => ({
  title: 'errors',
  place: 'rule',
  name: 'page.errors',
  value: { id: 'page.errors', share, fault: { type: 'status', status: 503 } },
  expiresAfterMs,
})

describe('the feed of the live page', () => {
  it('tells the numbers of the ledger, and leaves nothing in it', async () => {
    const target = await testTarget({
      'faults.rules': JSON.stringify([
        { id: 'ill', match: { operation: 'products.get' }, share: 1, fault: { type: 'status', status: 503 } },
        {
          id: 'db',
          match: { operation: 'products.list' },
          fault: { type: 'capacity', station: 'db', servers: 1, service: '5ms', queue: 3 },
        },
      ]),
    })
    const feed = await follow(target)
    expect(await feed.next<TargetHello>('hello')).toMatchObject({ mayControl: true, periodMs: 500 })
    for (let at = 0; at < 5; at++) await fetch(`${target.url}/products/1`)
    for (let at = 0; at < 3; at++) await fetch(`${target.url}/products`)
    const snapshot = await feed.next<TargetSnapshot>('snapshot', ({ requests, stations }) => {
      return requests.arrived === 8 && requests.inFlight === 0 && stations[0]?.served === 3
    })
    const ledger = (await (await fetch(`${target.url}/_loadcell/ledger`)).json()) as LedgerReport
    const arrivals = Object.fromEntries(ledger.operations.map(({ operation, arrivals }) => [operation, arrivals]))
    expect(arrivals).toEqual({ 'products.get': 5, 'products.list': 3 })
    const shown = Object.fromEntries(snapshot.requests.operations.map(({ operation, arrived }) => [operation, arrived]))
    expect(shown).toEqual(arrivals)
    const [ill] = snapshot.faults
    expect(ill).toMatchObject({
      id: 'ill',
      matched: 5,
      injected: 5,
      configuredShare: 1,
      deliveredShare: 1,
      agrees: true,
    })
    expect(ledger.faults.rules.find(({ id }) => id === 'ill')).toMatchObject({ matched: 5, injected: 5 })
    expect(ledger.faults.stations[0]).toMatchObject({ arrived: 3, served: 3 })
    const list = snapshot.recent.find(({ operation }) => operation === 'products.list')
    expect(list?.servedMs).toBeGreaterThanOrEqual(4)
    expect(list?.totalMs).toBeGreaterThanOrEqual(list?.servedMs ?? 0)
  })

  it('tells streams, groups with their lag, and connections', async () => {
    const target = await testTarget()
    const authorization = { authorization: `Bearer ${await target.token('consumer')}` }
    const end = new AbortController()
    onTestFinished(() => end.abort())
    await fetch(`${target.url}/v1/streams/orders?consumer_group=workers`, {
      signal: end.signal,
      headers: { accept: 'text/event-stream', 'x-loadcell-exchange': 'reader-1', ...authorization },
    })
    const feed = await follow(target)
    const { streams, connections } = await feed.next<TargetSnapshot>('snapshot')
    expect(streams.streams[0]).toMatchObject({ stream: 'orders', groups: [{ group: 'workers', members: 1, lag: 0 }] })
    expect(streams.streams[0]?.partitions.length).toBeGreaterThan(0)
    expect(connections).toMatchObject({ open: 1, fullest: [{ operation: 'streams.read', key: 'reader-1' }] })
  })

  it('admits sixteen viewers, and another one when one has left', async () => {
    const target = await testTarget()
    const feeds: PageFeed[] = []
    for (let at = 0; at < 16; at++) feeds.push(await follow(target))
    const refused = await fetch(ui(target, '/feed'))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toMatchObject({ code: 'too_many_connections' })
    feeds[0]!.close()
    await expect.poll(async () => (await fetch(ui(target, '/feed'), { signal: abortSoon() })).status).toBe(200)
  })

  it('tells what can be changed at the start and after each change, with the curve of a station', async () => {
    const target = await testTarget()
    const feed = await follow(target)
    expect(await feed.next<TargetSetup>('setup')).toMatchObject({ stations: [], changes: [] })
    const fault = { type: 'capacity', servers: 2, service: { type: 'exponential', mean: '40ms' }, queue: 10 }
    await change(target, 'POST', '', { ...errors(1), name: 'db', value: { id: 'db', fault } })
    const { stations, changes } = await feed.next<TargetSetup>('setup')
    expect(changes).toHaveLength(1)
    expect(stations).toMatchObject([{ name: 'db', rule: 'db', servers: 2, kneePerSecond: 50, model: 'M/M/c/K' }])
    expect(stations[0]?.curve.at(-1)?.perSecond).toBeCloseTo(62.5)
  })
})

function abortSoon(): AbortSignal {
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 50)
  return abort.signal
}

describe('access to the live page', () => {
  it('is for holders of the token, and for others with a token of their own who may only look', async () => {
    const target = await testTarget({ 'control.token': 'boss', 'control.viewToken': 'class' })
    expect((await fetch(ui(target))).status).toBe(200)
    for (const path of ['/feed', '/ledger', '/records', '/changes']) {
      expect((await fetch(ui(target, path))).status, path).toBe(403)
    }
    const viewer = await follow(target, bearer('class'))
    expect(await viewer.next<TargetHello>('hello')).toMatchObject({ mayControl: false })
    expect((await fetch(ui(target, '/ledger'), { headers: bearer('class') })).status).toBe(200)
    const refused = await change(target, 'POST', '', errors(1), bearer('class'))
    expect(refused).toMatchObject({ status: 403, body: { code: 'control_forbidden' } })
    expect((await fetch(`${target.url}/_loadcell/config`, { headers: bearer('class') })).status).toBe(403)
    const boss = await follow(target, bearer('boss'))
    expect(await boss.next<TargetHello>('hello')).toMatchObject({ mayControl: true })
    expect((await change(target, 'POST', '', errors(1), bearer('boss'))).status).toBe(201)
    const shown = await (await fetch(`${target.url}/_loadcell/config`, { headers: bearer('boss') })).text()
    expect(shown).not.toContain('class"')
  })

  it('is on the port of the control plane, if that has one of its own', async () => {
    const target = await testTarget({ 'control.port': String(await freePort()) })
    expect((await fetch(ui(target))).status).toBe(200)
    const feed = await follow(target)
    await fetch(`${target.url}/products/1`)
    await feed.next<TargetSnapshot>('snapshot', ({ requests }) => requests.arrived === 1)
    const astray = await fetch(`${target.url}/_loadcell/ui`)
    expect({ status: astray.status, body: await astray.json() }).toMatchObject({
      status: 404,
      body: { code: 'control_elsewhere' },
    })
  })

  it('is refused to pages of other origins', async () => {
    const target = await testTarget()
    for (const path of ['', '/feed', '/changes']) {
      const answer = await fetch(ui(target, path), { headers: { origin: 'http://evil.example' } })
      expect({ path, status: answer.status }).toEqual({ path, status: 403 })
    }
  })

  it('gives the files of the page and nothing else, with a strict policy', async () => {
    const target = await testTarget()
    const page = await fetch(ui(target))
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    const text = await page.text()
    expect(text).toContain('/_loadcell/ui/target/main.js')
    expect(text).not.toMatch(/<script(?![^>]* src=)|style=|<style/)
    const script = await fetch(ui(target, '/target/main.js'))
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await script.text()).not.toContain('import type')
    const etag = script.headers.get('etag') ?? ''
    expect((await fetch(ui(target, '/target/main.js'), { headers: { 'if-none-match': etag } })).status).toBe(304)
    for (const path of ['/target/page.html', '/assets.js', '/..%2f..%2fpackage.json', '/run/main.js', '/widgets/']) {
      expect({ path, status: (await fetch(ui(target, path))).status }).toEqual({ path, status: 404 })
    }
  })
})

describe('a change of the live page', () => {
  it('shows the same as YAML and as a command, before it is made and afterwards', async () => {
    const target = await testTarget()
    const { body: preview } = await change(target, 'POST', '/preview', errors(0.25))
    expect(await rulesOf(target)).toEqual([])
    expect(preview.yaml).toContain('share: 0.25')
    const { body: made } = await change(target, 'POST', '', errors(0.25))
    expect({ yaml: made.yaml, command: made.command }).toEqual(preview)
    const [, address, body] = /^curl -X PUT '([^']+)' .* -d '([^']+)'$/.exec(made.command) ?? []
    const answer = await fetch(address!, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: body!,
    })
    expect(answer.status).toBe(200)
  })

  it('ends by itself, though nobody watches', async () => {
    const target = await testTarget()
    await change(target, 'POST', '', errors(1, 100))
    expect((await fetch(`${target.url}/products/1`)).status).toBe(503)
    await expect.poll(() => rulesOf(target)).toEqual([])
    expect((await fetch(`${target.url}/products/1`)).status).toBe(200)
  })

  it('stays once it is confirmed, until it is undone', async () => {
    const target = await testTarget()
    const { body } = await change(target, 'POST', '', errors(1, 300))
    expect((await change(target, 'POST', `/${body.id}/confirm`)).body).not.toHaveProperty('expiresAt')
    const other = await change(target, 'POST', '', {
      ...errors(1, 100),
      name: 'x',
      value: { ...errors(1).value, id: 'x' },
    })
    // The one that was made later ends first, so the confirmed one would have ended soon after it.
    await expect.poll(async () => (await change(target, 'DELETE', `/${other.body.id}`)).status).toBe(404)
    await new Promise(resolve => setTimeout(resolve, 400))
    expect((await rulesOf(target)).map(({ id }) => id)).toEqual(['page.errors'])
    expect((await change(target, 'DELETE', `/${body.id}`)).body).toEqual({ undone: true })
    expect(await rulesOf(target)).toEqual([])
  })

  it('is refused as a whole if it is wrong', async () => {
    const target = await testTarget()
    for (const wrong of [
      { ...errors(2) },
      { ...errors(1), place: 'elsewhere' },
      { ...errors(1), name: 'another' },
      { ...errors(1), value: 'text' },
      { ...errors(1), place: 'timeline', name: '', value: 'phases: [' },
      { ...errors(1), place: 'preset', name: 'no-such-preset', value: true },
    ]) {
      expect(await change(target, 'POST', '', wrong)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    }
    expect(await (await fetch(ui(target, '/changes'))).json()).toEqual({ changes: [] })
  })

  it('sets presets, timelines from YAML, and rate limits', async () => {
    const target = await testTarget()
    await change(target, 'POST', '', { title: 'p', place: 'preset', name: 'brownout', value: true })
    const yaml = 'phases:\n  - name: ill\n    duration: 1h\n    faults: [flaky]\n'
    await change(target, 'POST', '', { title: 't', place: 'timeline', name: '', value: yaml })
    const limit = { name: 'page', by: 'client', requests: 1, per: '10s' }
    await change(target, 'POST', '', { title: 'l', place: 'rate-limit', name: 'page', value: limit })
    const feed = await follow(target)
    expect((await feed.next<TargetSnapshot>('snapshot')).phase).toBe('ill')
    const config = (await (await fetch(`${target.url}/_loadcell/config`)).json()) as {
      faults: { presets: string[] }
      rateLimits: { rules: unknown[] }
    }
    expect(config.faults.presets).toEqual(['brownout'])
    expect(config.rateLimits.rules).toEqual([limit])
    await change(target, 'DELETE')
    expect(await rulesOf(target)).toEqual([])
  })
})

describe('the ledger on the live page', () => {
  it('has tables, and opens the latest records of an operation', async () => {
    const target = await testTarget()
    for (const path of ['/products/1', '/products', '/products/2']) await fetch(target.url + path)
    const read = async (path: string) => (await (await fetch(ui(target, path))).json()) as Record<string, unknown>
    await expect
      .poll(() => read('/records?operation=products.get'))
      .toMatchObject({
        records: [
          { ordinal: 2, operation: 'products.get' },
          { ordinal: 0, operation: 'products.get' },
        ],
      })
    const ledger = await read('/ledger')
    expect(ledger).toMatchObject({ run: 'default', runs: ['default'] })
    expect((ledger['tables'] as { title: string }[]).map(({ title }) => title)).toContain('Requests')
    expect((await fetch(ui(target, '/ledger?run=nobody'))).status).toBe(404)
    expect((await fetch(ui(target, '/records?operation=nothing'))).status).toBe(400)
  })
})
