import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LabDesk } from '../../../cli/lab/page/lab-desk.ts'
import { LabPageServer } from '../../../cli/lab/page/lab-page-server.ts'

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-lab-page-'))
  const run = () => Promise.resolve({ present: 10, rate: 40, stay: 250 })
  const desk = new LabDesk({ run, seed: 1, version: '0.0.0', learner: 'Ada', folder, onWorksheet() {} })
  const server = await LabPageServer.open(0, desk)
  onTestFinished(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { server, desk }
}

/** Returns the status of a request with headers that fetch would not send. */
async function statusOf(address: string, headers: Record<string, string>, method = 'GET', body = ''): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const sent = request(address, { method, headers }, response => {
    response.resume()
    resolve(response.statusCode!)
  })
  sent.on('error', reject)
  sent.end(body)
  return promise
}

const json = { 'content-type': 'application/json' }

describe('the server of the labs', () => {
  it('serves the page, its scripts without types, and nothing else, under a strict policy', async () => {
    const { server } = await open()
    for (const path of ['', 'labs/little']) {
      const page = await fetch(server.address + path)
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
      expect(await page.text()).not.toMatch(/<script>|style=|onclick/)
    }
    const script = await (await fetch(`${server.address}lab/curve-editor.js`)).text()
    expect(script).toContain('class CurveEditor')
    expect(script).not.toContain('readonly root: HTMLElement')
    for (const path of ['labs/nothing', 'lab/lab-state.ts', '../package.json', 'lab/..%2f..%2fpackage.json', '/'])
      expect(await statusOf(server.address + path, {}), path).toBe(404)
    const etag = (await fetch(`${server.address}lab/lab.css`)).headers.get('etag')!
    expect(await statusOf(`${server.address}lab/lab.css`, { 'if-none-match': etag })).toBe(304)
  })

  it('refuses pages of other origins, foreign names, and forms of other pages', async () => {
    const { server } = await open()
    expect(await statusOf(server.address, { host: 'evil.example' })).toBe(403)
    expect(await statusOf(server.address, { origin: 'http://evil.example' })).toBe(403)
    expect(await statusOf(server.address, { 'sec-fetch-site': 'cross-site' })).toBe(403)
    const action = `${server.address}labs/little`
    expect(await statusOf(action, { 'content-type': 'text/plain' }, 'POST', '{"type":"stop"}')).toBe(415)
    expect(await statusOf(action, json, 'PUT', '{}')).toBe(405)
    expect(await statusOf(action, json, 'POST', ' '.repeat(20_000))).toBe(413)
    expect(await statusOf(action, json, 'POST', '{"type":"stop"}')).toBe(204)
  })

  it('says what it expected of an action', async () => {
    const { server } = await open()
    const body = JSON.stringify({ type: 'run', settings: { rate: '1000' }, predictions: {} })
    const answer = await fetch(`${server.address}labs/little`, { method: 'POST', headers: json, body })
    expect(answer.status).toBe(409)
    const detail = 'rate: expected a number from 1 per second to 300 per second, got "1000"'
    expect(await answer.json()).toEqual({ status: 409, detail })
  })

  it('sends the state at once and after each change, to at most 16 viewers', async () => {
    const { server, desk } = await open()
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const follow = () => fetch(`${server.address}feed?lab=little`, { signal: stop.signal })
    const viewers = await Promise.all(Array.from({ length: 16 }, follow))
    expect(viewers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200))
    const refused = await follow()
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { status: 503, detail: 'expected at most 16 viewers at once' },
    ])
    const reader = viewers[0]!.body!.pipeThrough(new TextDecoderStream()).getReader()
    const next = async () => JSON.parse((await reader.read()).value!.split('data: ')[1]!.split('\n')[0]!) as object
    expect(await next()).toMatchObject({ name: 'little', stage: 'predict' })
    await desk.act('little', { type: 'change', settings: { rate: '80' } })
    expect(await next()).toMatchObject({ settings: [{ name: 'rate', text: '80' }, {}, {}] })
  })
})
