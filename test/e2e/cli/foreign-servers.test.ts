import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fastify from 'fastify'
import { expect, test, type TestContext } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** A shop with a form to log in, which knows nothing of Loadcell. */
async function startShop(context: TestContext) {
  const seen: IncomingMessage[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    seen.push(request)
    const { url = '', headers, method } = request
    const cookie = headers.cookie ?? ''
    if (url === '/login' && method === 'GET') {
      response.setHeader('set-cookie', 'csrf=t0ken; Path=/login; HttpOnly; SameSite=Strict')
      return response.end('<input name="csrf" value="t0ken">')
    }
    if (url === '/login') {
      const form = Buffer.concat(await request.toArray()).toString()
      if (!cookie.includes('csrf=t0ken') || !form.includes('csrf=t0ken')) return response.writeHead(403).end()
      response.setHeader('set-cookie', ['sid=s3ssion; Path=/; HttpOnly', 'csrf=; Path=/login; Max-Age=0'])
      return response.writeHead(302, { location: '/account' }).end()
    }
    if (url !== '/account') return response.writeHead(404).end()
    if (cookie !== 'sid=s3ssion') return response.writeHead(401).end()
    if (headers['accept-encoding'] !== 'gzip, br') return response.writeHead(406).end()
    response.setHeader('content-encoding', 'gzip')
    return response.end(gzipSync(JSON.stringify({ name: 'Zoë', notes: 'x'.repeat(20_000) })))
  }
  return {
    url: await listen(
      context,
      createServer((request, response) => void answer(request, response)),
    ),
    seen,
  }
}

/** An API of another company, served by a published framework. */
async function startApi({ onTestFinished }: TestContext) {
  const seen: Record<string, unknown>[] = []
  const app = fastify()
  app.addHook('onRequest', async ({ headers, url }) => void seen.push({ url, ...headers }))
  app.get('/v1/orders/:id', async (_request, reply) => {
    void reply.header('set-cookie', 'api=1; Path=/')
    return { total: 42 }
  })
  app.get('/events', (_request, reply) => {
    void reply.header('content-type', 'text/event-stream').send('data: 1\n\ndata: 2\n\n')
  })
  app.post('/login', () => ({ access_token: 'of-the-api', expires_in: 3600 }))
  app.post('/jobs', (_request, reply) => reply.code(202).header('location', '/jobs/1').send())
  app.get('/jobs/1', () => ({ status: 'completed' }))
  onTestFinished(() => app.close())
  return { url: await app.listen({ port: 0, host: '::1' }), seen }
}

async function listen({ onTestFinished }: TestContext, server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function flags(out: string, target: string): string[] {
  return ['--target', target, '--warmup', '0', '--quiet', '--out', out]
}

const visit = writeScenario(`
  import { scenario, user } from 'loadcell'
  export default scenario({
    load: { executor: 'per-vu-iterations', vus: 3, iterations: 2 },
    hosts: { api: 'https://api.example.test', spare: 'https://spare.example.test' },
    http: { acceptEncoding: ['gzip', 'br'] },
    users: [user('visitor', {
      async begin({ http, auth, cookies, check }) {
        const csrf = /value="(\\w+)"/.exec((await http.get('/login')).text())?.[1]
        const account = await http.post('/login', { form: { csrf } })
        check(account, {
          'is logged in': ({ url, redirects }) => url.endsWith('/account') && redirects === 1,
          'is decompressed': response => response.json().name === 'Zoë' && response.bodyBytes < 500,
          'has its cookie': () => cookies.get('sid') === 's3ssion' && cookies.get('csrf', '/login') === undefined,
        })
        auth.bearer('of-the-shop')
      },
      async iterate({ http, check }) {
        await http.get('/account')
        check(await http.get('api:/v1/orders/17'), { 'has a total': response => response.json().total === 42 })
        await http.get('https://api.example.test/v1/orders/18')
      },
    })],
    thresholds: { 'http_req_failed{host:api}': ['rate==0'], 'http_reqs{name:api:/v1/orders/{id}}': ['count==12'], checks: ['rate==1'] },
  })`)

test('a scenario logs in at a foreign server and uses an API on another host, as their logs confirm', async context => {
  const [shop, api, out] = [await startShop(context), await startApi(context), scratchFolder()]
  const apiUrl = api.url.replace('//', '//key:s3cr%40t@')
  const hosts = ['--host', `api=${apiUrl}`, '--host', `spare=${shop.url}`]
  const { code, output } = await loadcell(['run', visit, ...flags(out, shop.url), ...hosts])
  expect({ code, output }).toMatchObject({ code: 0 })
  const result = readResult(out)
  // One look at /healthz of each server before the load, and the question for a control plane.
  const loaded = shop.seen.filter(({ url }) => !/healthz|_loadcell/.test(url ?? ''))
  const orders = api.seen.filter(({ url }) => url !== '/healthz')
  expect({ shop: loaded.length, api: orders.length }).toEqual({ shop: 3 * 3 + 6, api: 12 })
  expect(result.totals.requests).toBe(loaded.length + orders.length)
  expect(result.hosts).toEqual([
    { name: 'api', requests: 12, failedRequests: 0 },
    { name: 'spare', requests: 0, failedRequests: 0 },
  ])
  expect(output).toContain('spare')
  expect(output).toMatch(/no request; is it\s+still needed\?/)

  // Neither server is told of the run, and the token and the cookies of one are not sent to the other.
  for (const { headers } of shop.seen) {
    expect(Object.keys(headers).filter(name => /loadcell|traceparent/.test(name))).toEqual([])
  }
  expect(new Set(loaded.slice(9).map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer of-the-shop']))
  const basic = `Basic ${Buffer.from('key:s3cr@t').toString('base64')}`
  expect(new Set(api.seen.map(({ authorization }) => authorization))).toEqual(new Set([basic]))
  expect(new Set(orders.map(({ cookie }) => cookie))).toEqual(new Set([undefined, 'api=1']))
  expect(api.seen.flatMap(headers => Object.keys(headers).filter(name => /loadcell/.test(name)))).toEqual([])

  // The URLs are in the result, without the password.
  expect(result.run.hosts).toEqual([
    { name: 'api', url: apiUrl.replace('key:s3cr%40t', '***') + (apiUrl.endsWith('/') ? '' : '/') },
    { name: 'spare', url: shop.url },
  ])
  const written = [output, ...readdirSync(out).map(file => readFileSync(join(out, file), 'utf8'))]
  for (const secret of ['s3cr%40t', 's3cr@t', basic.slice(6)]) {
    expect(written.filter(text => text.includes(secret))).toEqual([])
  }
})

const tiny = (fields: string, iterate: string) =>
  writeScenario(`
    import { scenario, user } from 'loadcell'
    export default scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
      ${fields}
      users: [user('u', { iterate: ({ http, cookies, auth }) => ${iterate} })],
    })`)

test('a foreign target learns of the run if the scenario or the command line wants that', async context => {
  const heads: IncomingMessage['headers'][] = []
  const url = await listen(
    context,
    createServer(({ headers, url = '' }, response) => {
      if (url === '/x') heads.push(headers)
      response.end()
    }),
  )
  const get = `http.get('/x')`
  const [plain, told, browser] = [
    tiny('', get),
    tiny('http: { identify: true },', get),
    tiny(`http: { userAgent: 'Mozilla/5.0' },`, get),
  ]
  await loadcell(['run', plain, ...flags(scratchFolder(), url), '--identify'])
  await loadcell(['run', told, ...flags(scratchFolder(), url)])
  await loadcell(['run', browser, ...flags(scratchFolder(), url)])
  expect(
    heads.map(head => [
      head['user-agent']?.split('/')[0],
      head['x-loadcell-run'] !== undefined,
      head['x-loadcell-exchange'] !== undefined,
    ]),
  ).toEqual([
    ...Array.from({ length: 4 }, () => ['loadcell', true, true]),
    ...Array.from({ length: 2 }, () => ['Mozilla', false, false]),
  ])
})

test('a target of Loadcell behind a proxy is recognised, and reconciled with a scenario that has other hosts', async context => {
  const api = await startApi(context)
  const target = startLoadcell(['target', '--port', '0'])
  context.onTestFinished(() => void target.child.kill('SIGKILL'))
  await target.said(/listening on http/)
  const targetUrl = /listening on (http\S+)/.exec(target.output())![1]!
  const proxy = await listen(
    context,
    createServer((request, response) => {
      const { host: _, connection: __, ...headers } = request.headers as Record<string, string>
      void request.toArray().then(async chunks => {
        const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}
        const path = request.url!.replace(/^\/base/, '')
        const answer = await fetch(targetUrl + path, { method: request.method!, headers, ...body, redirect: 'manual' })
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        response.end(Buffer.from(await answer.arrayBuffer()))
      })
    }),
  )
  const file = writeScenario(`
    import { scenario, user } from 'loadcell'
    export default scenario({
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
      hosts: { api: { url: '${api.url}', token: true } },
      users: [user('u', { async iterate({ http, sse, auth, jobs, check }) {
        await http.get('/products/1')
        await auth.login('ada@example.com', 'secret', { path: 'api:/login' })
        await http.get('api:/v1/orders/1')
        auth.none()
        let events = 0
        for await (const _event of sse.open('api:/events', { reconnect: false })) events += 1
        const job = await jobs.follow(await http.post('api:/jobs'))
        check({ events, job: job.status }, { 'has all': result => result.events === 2 && result.job === 'completed' })
      } })],
      thresholds: { checks: ['rate==1'], 'jobs_submitted{host:api}': ['count==2'], 'tokens_issued{host:api}': ['count==2'] },
    })`)
  const out = scratchFolder()
  const { code, output } = await loadcell(['run', file, ...flags(out, `${proxy}/base`)])
  expect({ code, output }).toEqual({ code: 0, output })
  const { reconciliation, hosts } = readResult(out)
  expect(reconciliation).toMatchObject({ state: 'agrees' })
  // A login, an order, a stream, a job and its poll.
  expect(hosts).toEqual([{ name: 'api', requests: 10, failedRequests: 0 }])
  expect(api.seen.filter(({ authorization }) => authorization === 'Bearer of-the-api')).toHaveLength(2)
  expect(api.seen.filter(headers => 'x-loadcell-run' in headers)).toEqual([])

  const silent = tiny('http: { identify: false },', `http.get('/products/1')`)
  await loadcell(['run', silent, ...flags(out, targetUrl)])
  expect(readResult(`${out}-2`).reconciliation.summary).toContain('the requests did not name their run')
})

test('a host that cannot be reached ends the run before any load is sent', async context => {
  const shop = await startShop(context)
  const file = tiny(`hosts: { api: 'http://u:s3cret@127.0.0.1:${await freePort()}' },`, `http.get('/login')`)
  const { code, output } = await loadcell(['run', file, ...flags(scratchFolder(), shop.url)])
  expect(code).toBe(97)
  expect(output.replaceAll(/\s+/g, ' ')).toMatch(
    /The host api \(http:\/\/\*\*\*@127\.0\.0\.1:\d+\/\) cannot be reached: the connection was refused/,
  )
  expect(output).not.toContain('s3cret')
  expect(shop.seen.filter(({ url }) => url === '/login')).toEqual([])
})

test.each([
  [['--host', 'apj=http://127.0.0.1:1'], '--host: the scenario declares no host "apj" in hosts; did you mean "api"?'],
  [['--host', 'api=nowhere'], 'expected the URL of a target such as http://127.0.0.1:8080, got "nowhere"'],
  [['--host', 'api=http://a.test', '--host', 'api=http://b.test'], '--host api is given twice'],
  [['--host', 'api'], '--host: expected name=url such as api=http://127.0.0.1:4000, got "api"'],
])('%j is refused before any load is sent', async (given, why) => {
  const file = tiny(`hosts: { api: 'https://api.example.test' },`, `http.get('/')`)
  const { code, output } = await loadcell(['run', file, ...given])
  expect({ code, output }).toEqual({ code: 104, output: expect.stringContaining(why) })
})

test.for<[string, string]>([
  [`http.get('https://other.example.test/')`, 'expected a path such as /v1/orders, or a URL of http'],
  [
    `cookies.set('a', '1', { domain: 'other.test' })`,
    'it is for "other.test", and 127.0.0.1 is not within that domain',
  ],
  [`cookies.set('a b', '1')`, 'expected the name of a cookie'],
  [`auth.basic('a:b', 'secret')`, 'expected a user name without a colon'],
])('%s is an error at its place in the scenario', async ([iterate, why], context) => {
  const { url } = await startShop(context)
  const out = scratchFolder()
  await loadcell(['run', tiny('', iterate), ...flags(out, url)])
  const [{ reason, example } = { reason: '', example: '' }] = readResult(out).errors
  expect({ reason, example }).toEqual({ reason: 'exception', example: expect.stringContaining(why) })
  expect(example).toMatch(/scenario\.ts:\d+/)
})

test('--once says why a cookie of a server is refused', async context => {
  const url = await listen(
    context,
    createServer((_request, response) => response.setHeader('set-cookie', 'sid=s3cret; Domain=shop.test').end()),
  )
  const { code, output } = await loadcell(['run', tiny('', `http.get('/login')`), '--once', '--target', url])
  expect(code).toBe(0)
  expect(output).toContain('! the cookie "sid": it is for "shop.test", and 127.0.0.1 is not within that domain')
  expect(output).toContain('  > accept-encoding: identity\n')
  expect(output).not.toMatch(/s3cret|> x-loadcell/)
})

test('a search for capacity sends the requests of a host elsewhere, and tells a foreign target of the run if asked to', async context => {
  const heads: IncomingMessage['headers'][] = []
  const target = await listen(
    context,
    createServer(({ headers, url }, response) => {
      if (url === '/x') heads.push(headers)
      response.end()
    }),
  )
  const api = await startApi(context)
  const file = writeScenario(`
    import { scenario, user } from 'loadcell'
    export default scenario({
      load: { executor: 'constant-vus', vus: 1, duration: '10s' },
      hosts: { api: 'https://api.example.test' },
      users: [user('u', { iterate: ({ http, sleep }) => Promise.all([http.get('/x'), http.get('api:/v1/orders/1'), sleep('50ms')]) })],
    })`)
  const limits = [
    '--slo',
    'http_req_failed rate<0.5',
    '--probe',
    '2s',
    '--start',
    '2',
    '--max',
    '2',
    '--probes',
    '2',
    '--warmup',
    '0',
  ]
  const place = ['--target', target, '--host', `api=${api.url}`, '--identify', '--out', scratchFolder()]
  const { output } = await loadcell(['capacity', file, ...limits, ...place])
  expect(heads.length, output).toBeGreaterThan(10)
  expect(heads.filter(head => head['x-loadcell-run'] === undefined)).toEqual([])
  expect(api.seen.filter(({ url }) => url === '/v1/orders/1').length).toBeGreaterThan(10)
  expect(api.seen.filter(head => 'x-loadcell-run' in head)).toEqual([])
})
