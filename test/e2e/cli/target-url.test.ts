import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test, type TestContext } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenario = writeScenario(`
  import { scenario, user } from 'loadcell'
  export default scenario({
    load: { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
    users: [user('u', { iterate: ({ http }) => http.get('/products/1') })],
  })`)

const PASSWORD = 's3cr@et/ß'
const BASIC = Buffer.from(`load:${PASSWORD}`).toString('base64')
const FORMS = [PASSWORD, encodeURIComponent(PASSWORD), 's3cr%40et', BASIC, BASIC.slice(0, 12)]

function withCredentials(url: string): string {
  return url.replace('//', `//load:${encodeURIComponent(PASSWORD)}@`)
}

async function run(...flags: string[]) {
  const out = scratchFolder()
  const { code, output } = await loadcell(['run', scenario, '--warmup', '0', '--quiet', '--out', out, ...flags])
  const written = readdirSync(out).map(file => readFileSync(join(out, file), 'utf8'))
  return { code, output, texts: [output, ...written], result: () => readResult(out) }
}

function expectConcealed(texts: string[]): void {
  for (const form of FORMS) expect(texts.filter(text => text.includes(form))).toEqual([])
}

async function urlOf(server: Server, { onTestFinished }: TestContext): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('every request carries the credentials and query of --target, and no report shows the credentials', async context => {
  const target = startLoadcell(['target', '--port', '0'])
  context.onTestFinished(() => void target.child.kill('SIGKILL'))
  await target.said(/listening on http/)
  const targetUrl = /listening on (http\S+)/.exec(target.output())![1]!
  const seen: IncomingMessage[] = []
  // A gateway that requires the password and the key, and forwards the request without them.
  const gateway = createServer((request, response) => {
    seen.push(request)
    const { pathname, searchParams } = new URL(request.url!, targetUrl)
    if (request.headers.authorization !== `Basic ${BASIC}` || searchParams.get('key') !== '1') {
      response.writeHead(401).end()
      return
    }
    searchParams.delete('key')
    void request.toArray().then(async chunks => {
      const { authorization: _, host: __, ...headers } = request.headers as Record<string, string>
      const answer = await fetch(`${targetUrl}${pathname}?${searchParams.toString()}`, {
        method: request.method!,
        headers,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      })
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
    })
  })
  const url = withCredentials(await urlOf(gateway, context))
  const { code, texts, result } = await run('--target', `${url}/?key=1`)
  expect(code).toBe(0)
  expect(result().reconciliation).toMatchObject({ state: 'agrees' })
  expect(seen.some(({ url }) => url?.startsWith('/_loadcell/ledger?run='))).toBe(true)
  expect(result().run.targetUrl).toMatch(/^http:\/\/\*\*\*@127\.0\.0\.1:\d+\/\?key=1$/)
  expectConcealed(texts)
  const faults = await loadcell(['faults', 'list', '--url', `${url}/?key=1`])
  expect(faults.code).toBe(0)
  expectConcealed([faults.output])
})

test('credentials that a server repeats are masked in the report', async context => {
  const server = createServer(({ url, headers: { authorization } }, response) => {
    response.writeHead(url === '/products/1' ? 403 : 200)
    response.end(
      `no entry for ${authorization}, that is ${PASSWORD} or ${encodeURIComponent(PASSWORD)}. ${'x'.repeat(78)} ${BASIC}`,
    )
  })
  const { texts, result } = await run('--target', withCredentials(await urlOf(server, context)))
  expect(result().errors[0]?.example).toContain('no entry for Basic ***, that is *** or ***')
  expectConcealed(texts)
})

test.each([
  ['cannot be reached', async () => ['--target', withCredentials(`http://127.0.0.1:${await freePort()}`)]],
  ['has no such port', () => ['--target', withCredentials('http://127.0.0.1:99999')]],
  ['is of another kind', () => ['--target', withCredentials('ftp://127.0.0.1')]],
  ['has a password that is not encoded', () => ['--target', `http://load:${PASSWORD}@127.0.0.1`]],
  ['has another control plane', () => ['--control-url', withCredentials('ftp://127.0.0.1')]],
])('the error for a target that %s does not show its password', async (_, flags) => {
  const { code, texts } = await run(...(await flags()))
  expect([97, 104]).toContain(code)
  expect(texts[0]).toContain('***@127.0.0.1')
  expectConcealed(texts)
})

test('an unreachable target is reported without its password by loadcell faults', async () => {
  const { code, output } = await loadcell([
    'faults',
    'list',
    '--url',
    withCredentials(`http://127.0.0.1:${await freePort()}`),
  ])
  expect(code).toBe(97)
  expect(output).toContain('***@127.0.0.1')
  expectConcealed([output])
})
