import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

let server: Server
let url: string

/** A server that sends secrets back in every way. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/login') {
      response.setHeader('set-cookie', 'sid=cookie-secret-1; HttpOnly')
      response.setHeader('content-type', 'application/json')
      response.end('{"access_token":"token-secret-2","expires_in":60}')
    } else if (path === '/old') response.writeHead(302, { location: '/new' }).end()
    else if (path.startsWith('/photo')) response.setHeader('content-type', 'image/png').end(Buffer.alloc(100))
    else if (path === '/long') response.end('word '.repeat(1000))
    else response.writeHead(path === '/missing' ? 404 : 200).end(`echo token-secret-2 \u001b[31m${path}`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const scenarioOf = (users: string) =>
  writeScenario(`
    import { counter, rate, scenario, user } from 'loadcell'
    const basket = counter('basket_value', { unit: 'EUR', tags: ['kind'] })
    const found = rate('found')
    export default scenario({
      metrics: [basket, found],
      load: { executor: 'constant-vus', vus: 50, duration: '1m' },
      users: [${users}],
    })`)

/** Returns the lines of a part of the output. */
function part(output: string, title: string): string[] {
  const [first = '', ...rest] = output.slice(output.indexOf(`\n${title}\n`) + 1).split('\n')
  return [first, ...rest.slice(0, rest.indexOf(''))].map(line => line.replace(/ in [\d.]+ m?s.*| after [\d.]+ m?s/, ''))
}

const shopper = `user('shopper', {
  think: '1m',
  async begin({ http, auth }) {
    const { access_token } = (await http.post('/login', { json: { email: 'a@b.c', password: 'hunter2' } })).json<any>()
    auth.bearer(access_token)
  },
  tasks: {
    look: { weight: 1000, run: ({ http, check }) => http.get('/old').then(response => check(response, { 'is there': ({ ok }) => ok })) },
    show: { run: ({ http }) => http.get('/photo?token=query-secret-3') },
  },
  end: ({ http }) => http.post('/bye', { form: { password: 'form-secret-4' } }),
}), user('reader', { iterate: ({ http }) => http.get('/long') })`

describe('loadcell run --once', () => {
  it('shows the values that a script records, with their tags and group', async () => {
    const script = `user('buyer', {
      async iterate({ group, record }) {
        await group('checkout', async () => record(basket, 9.5, { kind: 'book' }))
        record(found, false)
      },
    })`
    const { output } = await loadcell(['run', scenarioOf(script), '--once', '--target', url])
    expect(part(output, 'buyer · iterate')).toEqual(
      expect.arrayContaining(['  · basket_value {group:checkout,kind:book}: 9.5 EUR', '  · found: false']),
    )
  })

  it('runs each task of each kind of user once, and shows every exchange in order, without secrets', async () => {
    const { code, output } = await loadcell(['run', scenarioOf(shopper), '--once', '--target', url])
    expect(output.match(/^\w.*$/gm)).toEqual([
      'shopper · begin',
      'shopper · look',
      'shopper · show',
      'shopper · end',
      'reader · iterate',
    ])
    expect(part(output, 'shopper · begin')).toEqual(
      expect.arrayContaining([
        `  POST ${url}/login`,
        '  > {"email": "a@b.c", "password": "***"}',
        '  < 200 OK',
        '  < set-cookie: sid=***; HttpOnly',
        '  < {"access_token": "***", "expires_in": 60}',
      ]),
    )
    const look = part(output, 'shopper · look').filter(line => /^  (GET|< \d|> auth|< loc|< echo|[✓·])/.test(line))
    expect(look).toEqual([
      `  GET ${url}/old`,
      '  > authorization: Bearer ***',
      '  < 302 Found',
      '  < location: /new',
      `  GET ${url}/new (redirect 1)`,
      '  > authorization: Bearer ***',
      '  < 200 OK',
      '  < echo *** /new',
      '  ✓ check: is there',
      '  · ended',
    ])
    expect(part(output, 'shopper · show')).toEqual(
      expect.arrayContaining([`  GET ${url}/photo?token=***`, '  < (100 bytes of image/png)']),
    )
    expect(part(output, 'shopper · end')).toContain('  > password=***')
    expect(output).toContain('… and 2,952 more characters (--show bodies)')
    expect(output).not.toMatch(/secret-\d|hunter2/)
    expect(output).not.toContain('\u001b')
    expect(output).toContain('✓ 6 requests · 1 check · nothing failed')
    expect(code).toBe(0)
  })

  it('shows secrets and whole bodies if it is asked to', async () => {
    const { output } = await loadcell([
      'run',
      scenarioOf(shopper),
      '--once',
      '--target',
      url,
      '--show',
      'secrets',
      '--show',
      'bodies',
    ])
    expect(output).toContain('> authorization: Bearer token-secret-2')
    expect(output).toContain('"password": "hunter2"')
    expect(output).toContain('word '.repeat(1000).trim())
  })

  it('shows events and frames of the embedded target in order, and asks an endless iteration to end', async () => {
    const scenario = scenarioOf(`user('listener', { async iterate({ sse, auth }) {
      await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
      for await (const event of sse.open('/v1/streams/orders')) void event
    } }), user('talker', { async iterate({ ws }) {
      const socket = await ws.open('/ws/chat', { query: { token: 'demo-jwt-token-member-1' } })
      await socket.request({ action: 'subscribe', channel: 'room:1', userId: 'm' }, { type: 'subscription_confirmed' })
      await socket.close()
    } })`)
    const { code, output } = await loadcell([
      'run',
      scenario,
      '--once',
      '--duration',
      '4s',
      '--target-set',
      'feed.orders=20',
    ])
    expect(part(output, 'listener · iterate').join('\n')).toMatch(
      /\/v1\/streams\/orders \(stream\)\n[^]*< 200 OK\n[^]*< event order\.\w+ id \S+ \{.*\}\n[^]*! it goes on, and is asked to end[^]*· stream closed by the client/,
    )
    expect(part(output, 'talker · iterate').join('\n')).toMatch(
      /GET ws:.*\?token=\*\*\* \(WebSocket\)\n[^]*< 101 Switching Protocols\n[^]*> frame \{"action":"subscribe".*\n  < frame \{"type":"subscription_confirmed".*\n  · socket closed by the client with 1000/,
    )
    expect({ code, output }).toMatchObject({ code: 0 })
  })

  it.each([
    [
      'a check fails',
      `async iterate({ http, check }) { check(await http.get('/'), { 'is a lie': () => false }) }`,
      /✗ check: is a lie[^]*1 check, 1 failed/,
    ],
    [
      'a request fails',
      `iterate: ({ http }) => http.get('/missing')`,
      /< 404 Not Found[^]*✗ failed: an unexpected status[^]*1 request, 1 failed/,
    ],
    [
      'it throws',
      `iterate() { throw new Error('my mistake') }`,
      /✗ .*the scenario threw: Error: my mistake \(scenario\.ts:\d+\)[^]*1 other failure/,
    ],
    ['an iteration does not end', `iterate: () => new Promise(() => {})`, /✗ .*was interrupted/],
  ])(
    'exits with 99 if %s',
    async (_name, iterate, said) => {
      const never = iterate.includes('Promise(') ? ['--duration', '100ms'] : []
      const { code, output } = await loadcell([
        'run',
        scenarioOf(`user('u', { ${iterate} })`),
        '--once',
        '--target',
        url,
        ...never,
      ])
      expect(output).toMatch(said)
      expect(code).toBe(99)
    },
    30_000,
  )

  it('exits with 97 if the target cannot be reached', async () => {
    const { code, output } = await loadcell(['run', scenarioOf(shopper), '--once', '--target', 'http://127.0.0.1:9'])
    expect(output).toMatch(/http:\/\/127\.0\.0\.1:9 cannot be reached/)
    expect(code).toBe(97)
  })

  it.each([
    [
      ['--once', '--vus', '3', '--out', 'x', '--tag', 'a=b'],
      /--once .* so that --vus, --out, --tag would mean nothing/,
    ],
    [['--once', '--threshold', 'http_reqs count>0'], /so that --threshold would mean nothing\n  Leave it out/],
    [['--once', '--duration', 'soon'], /--duration: expected a duration longer than 0/],
    [['--show', 'bodies'], /--show is for --once/],
    [['--once', '--show', 'bodie'], /did you mean "bodies"\?/],
  ])('rejects options that mean nothing: %j', async (options, said) => {
    const { code, output } = await loadcell(['run', scenarioOf(shopper), ...options])
    expect(output).toMatch(said)
    expect(code).toBe(104)
  })
})
