import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../harness/results/run-result.ts'
import { hasChromium, launchChromium } from './chromium.ts'

const execute = promisify(execFile)
const main = resolve(import.meta.dirname, '../../cli/main.js')

const page = (
  csrf: string,
) => `<!doctype html><meta name="csrf-token" content="${csrf}"><title>planted.person@corp.com</title><link rel="stylesheet" href="/style.css"><img src="/logo.svg">
<form id="login"><input name="email"><input name="password" type="password"><button>go</button></form><div id="out"></div>
<script>
login.onsubmit = async event => {
  event.preventDefault()
  const json = async (path, init = {}) => (await fetch(path, { ...init, headers: { 'content-type': 'application/json', ...init.headers } })).json()
  const body = JSON.stringify({ email: login.email.value, password: login.password.value })
  const { access_token } = await json('/api/login', { method: 'POST', body, headers: { 'x-csrf-token': document.querySelector('meta').content } })
  const headers = { authorization: 'Bearer ' + access_token }
  const { items } = await json('/api/products?limit=2', { headers })
  const order = await json('/api/orders', { method: 'POST', headers, body: JSON.stringify({ product_id: items[1].id }) })
  const again = await json('/api/orders/' + order.id, { headers })
  out.textContent = 'order ' + again.id
}
</script>`

/** A shop with a login, whose ids and tokens differ each time. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, value: unknown, type = 'application/json', headers: Record<string, string> = {}) =>
    response
      .writeHead(status, { 'content-type': type, ...headers })
      .end(typeof value === 'string' ? value : JSON.stringify(value))
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const { pathname } = new URL(request.url!, 'http://shop')
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  if (pathname === '/') {
    pages += 1
    return void send(200, page(`planted-csrf-${pages}`), 'text/html', {
      'set-cookie': 'session_id=planted-cookie-1; HttpOnly',
    })
  }
  if (pathname === '/style.css') return void send(200, 'body{}', 'text/css')
  if (pathname === '/logo.svg') return void send(200, '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml')
  if (!/session_id=planted-cookie-1/.test(request.headers.cookie ?? '')) return void send(403, {})
  if (pathname === '/api/login') {
    if (body['password'] !== 'planted-password') return void send(401, {})
    if (request.headers['x-csrf-token'] !== `planted-csrf-${pages}`) return void send(403, {})
    tokens += 1
    return void send(200, { access_token: `planted-token-${tokens}` })
  }
  if (request.headers.authorization !== `Bearer planted-token-${tokens}`) return void send(401, {})
  if (pathname === '/api/products') return void send(200, { items: [{ id: 11 }, { id: 12 + tokens }] })
  if (request.method === 'POST') return void send(body['product_id'] === 12 + tokens ? 201 : 422, { id: 5000 + tokens })
  send(pathname === `/api/orders/${5000 + tokens}` ? 200 : 404, { id: 5000 + tokens })
}

let pages = 0
let tokens = 0

describe.skipIf(!hasChromium())('a recording of a real browser', () => {
  let browser: Browser
  let server: Server
  let url: string
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-recording-'))

  beforeAll(async () => {
    server = createServer((request, response) => void answer(request, response))
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(['minimal', 'full'] as const)(
    'becomes a scenario that repeats the visit with new ids and tokens (%s)',
    async mode => {
      const path = join(folder, `${mode}.har`)
      const context = await browser.newContext({
        recordHar: { path, content: 'embed', mode },
      })
      const page = await context.newPage()
      await page.goto(url)
      await page.fill('[name=email]', 'planted.person@corp.com')
      await page.fill('[name=password]', 'planted-password')
      await page.waitForTimeout(600)
      await page.click('button')
      await page.waitForFunction("document.querySelector('#out').textContent.startsWith('order')")
      await context.close()
      expect(readFileSync(path, 'utf8')).toContain('planted-password')

      const loadcell = (...args: string[]) =>
        execute(process.execPath, [main, ...args], {
          cwd: folder,
          env: {
            ...process.env,
            [`${mode.toUpperCase()}_EMAIL`]: 'x@y.zz',
            [`${mode.toUpperCase()}_PASSWORD`]: 'planted-password',
            NO_COLOR: '1',
          },
        }).catch((error: { stdout: string; stderr: string }) => error)
      const { stdout } = await loadcell('init', '--from', path)
      expect(stdout).toContain('Wrote 5 of')
      const text = readFileSync(join(folder, `${mode}.ts`), 'utf8')
      expect(stdout + text).not.toContain('planted')
      expect(text).toMatch(/await sleep\('(\d+ms|[\d.]+s)'\)\n\s+const login = /)
      expect(text).toContain('http.get(`/api/orders/${orderId}`')

      // One user, because the shop knows one token at a time.
      await loadcell(
        'run',
        `${mode}.ts`,
        '--target',
        url,
        '--vus',
        '1',
        '--duration',
        '4s',
        '--warmup',
        '0',
        '--quiet',
        '--out',
        `run-${mode}`,
      )
      const { checks, totals } = JSON.parse(readFileSync(join(folder, `run-${mode}/result.json`), 'utf8')) as RunResult
      expect(checks.filter(({ fails }) => fails > 0)).toEqual([])
      expect(checks.length).toBeGreaterThanOrEqual(9)
      expect(totals.requests).toBeGreaterThanOrEqual(5)
    },
  )

  it('tells a recording that was cut off', async () => {
    writeFileSync(join(folder, 'cut.har'), readFileSync(join(folder, 'full.har'), 'utf8').slice(0, 3000))
    const failed = (await execute(process.execPath, [main, 'init', '--from', 'cut.har'], { cwd: folder }).catch(
      (error: unknown) => error,
    )) as { code: number; stderr: string }
    expect(failed.code).toBe(104)
    expect(failed.stderr).toMatch(/cut\.har: the file is not valid JSON.*ends too early/)
    expect(failed.stderr).not.toContain('planted')
  })
})
