import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { createServer } from 'node:tls'
import { describe, expect, test, type TestContext } from 'vitest'
import { certificate, encryptedKey } from '../../support/certificates.ts'
import { freePort } from '../../support/free-port.ts'
import { proxyServer } from '../../support/proxy-server.ts'
import { certifiedHost, httpsServer } from '../../support/tls-server.ts'
import { testTarget } from '../target/support.ts'
import { loadcell as loadcellAlone, readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenarioWith = (fields: string) => `
  import { scenario, user } from 'loadcell'
  export default scenario({
    warmup: 0,
    ${fields}
    load: { executor: 'per-vu-iterations', vus: 2, iterations: 3 },
    users: [user('u', { iterate: ({ http }) => http.get('/') })],
  })`

const { authority, server } = certifiedHost()
const tester = certificate({ name: 'tester', issuer: authority })
const PASSPHRASE = 'open sesame'

/** Writes a scenario beside certificates. */
function written(fields = ''): string {
  const scenario = writeScenario(scenarioWith(fields))
  const folder = dirname(scenario)
  writeFileSync(join(folder, 'ca.pem'), authority.cert)
  writeFileSync(join(folder, 'tester.pem'), tester.cert)
  writeFileSync(join(folder, 'tester.key'), encryptedKey(tester.key, PASSPHRASE))
  writeFileSync(join(folder, 'other.key'), certificate({ name: 'other' }).key)
  return scenario
}

/** Runs a scenario in the folder of its file. Returns everything that it printed and wrote. */
async function run(scenario: string, flags: string[], env: Record<string, string> = {}) {
  const out = join(scratchFolder(), 'out')
  const args = ['run', scenario, '--quiet', '--out', out, '--report', 'markdown', ...flags]
  // Node reads its own authorities once, at the start of a process.
  const start = 'NODE_EXTRA_CA_CERTS' in env ? loadcellAlone : loadcell
  const { code, output } = await start(args, { cwd: dirname(scenario), env })
  return {
    code,
    output,
    texts: () => [output, ...readdirSync(out).map(file => readFileSync(join(out, file), 'utf8'))],
    result: () => readResult(out),
  }
}

/** Exit codes of a completed run: on a busy machine it may be invalid. */
const COMPLETED = [0, 98]

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

describe('loadcell run against a target with TLS', () => {
  test('shows the certificate of the scenario to a server that wants one, and no output shows the key', async context => {
    const { url, resumed } = await httpsServer({ ...server, ca: authority.cert, requestCert: true }, context)
    const scenario = written(`tls: { ca: './ca.pem', cert: 'tester.pem', key: 'tester.key' },`)
    const { code, output, texts, result } = await run(scenario, ['--target', url], {
      LOADCELL_KEY_PASSPHRASE: PASSPHRASE,
    })
    expect(COMPLETED, output).toContain(code)
    const { run: described, totals } = result()
    expect(totals).toMatchObject({ requests: 6, failedRequests: 0 })
    expect(totals.tlsHandshaking.count).toBe(totals.connecting.count)
    expect(totals.tlsHandshaking.p50Ms).toBeLessThan(totals.connecting.maxMs)
    expect(totals.tlsHandshaking.count).toBeLessThanOrEqual(resumed.length)
    expect(described.insecure).toBeUndefined()
    for (const text of texts()) expect(text).not.toMatch(/sesame|PRIVATE KEY/)
    expect(texts().find(text => text.startsWith('<!'))).toContain('TLS handshakes')
  })

  test('trusts --ca, and sends no load to a server that is not trusted', async context => {
    const { url } = await httpsServer(server, context)
    const scenario = written()
    const [trusted, distrusted, trustedByNode] = await Promise.all([
      run(scenario, ['--target', url, '--ca', 'ca.pem']),
      run(scenario, ['--target', url]),
      run(scenario, ['--target', url], { NODE_EXTRA_CA_CERTS: join(dirname(scenario), 'ca.pem') }),
    ])
    expect(COMPLETED, trusted.output).toContain(trusted.code)
    expect(trusted.result().run.overrides).toMatchObject({ ca: 'ca.pem' })
    expect(COMPLETED, trustedByNode.output).toContain(trustedByNode.code)
    expect(distrusted.code).toBe(97)
    expect(oneLine(distrusted.output)).toMatch(/the TLS handshake failed .*unknown authority.*--ca FILE.*--insecure/)
    expect(distrusted.result().totals.requests).toBe(0)
  })

  test('says everywhere that --insecure checks no certificate, and compare does not mix that with others', async context => {
    const { url } = await httpsServer(server, context)
    const scenario = written()
    const [insecure, checked] = await Promise.all([
      run(scenario, ['--target', url, '--insecure']),
      run(scenario, ['--target', url, '--ca', 'ca.pem']),
    ])
    expect(COMPLETED, insecure.output).toContain(insecure.code)
    expect(insecure.result().run.insecure).toBe(true)
    const [printed, ...files] = insecure.texts()
    expect(oneLine(printed!)).toContain('(certificates not checked)')
    expect(files.find(text => text.startsWith('<!'))).toMatch(/Certificates of servers[^]{0,40}not checked/)
    expect(files.find(text => text.startsWith('##'))).toContain('(certificates not checked)')
    expect(files.find(text => text.startsWith('<!'))).toMatch(/loadcell run \S+ .*--insecure/)

    const folder = scratchFolder()
    const paths = [insecure, checked].map(({ result }, index) => {
      const path = join(folder, `${index}.json`)
      writeFileSync(path, JSON.stringify(result()))
      return path
    })
    const compared = await loadcell(['compare', paths[0]!, '--with', paths[1]!])
    expect(compared.code).toBe(104)
    expect(oneLine(compared.output)).toMatch(/certificates.*not checked/)
  })

  test('refuses files that cannot be used, all at once and before any load', async context => {
    const { url, resumed } = await httpsServer(server, context)
    const scenario = written(`tls: { ca: 'missing.pem', serverName: 'no/name' },`)
    const { code, output } = await run(scenario, ['--target', url, '--cert', 'tester.pem', '--key', 'other.key'])
    expect(code).toBe(104)
    expect(output).toContain(`tls.ca: there is no file ${join(dirname(scenario), 'missing.pem')}`)
    expect(output).toContain('--key: the key does not belong to the certificate of --cert (CN=tester)')
    expect(output).toContain('tls.serverName: expected the name of a host')
    expect(resumed).toEqual([])
  })

  test('notes a certificate of the client that has expired, and uses it', async context => {
    const { url } = await httpsServer(server, context)
    const scenario = written()
    const dates = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
    const { cert, key } = certificate({ name: 'old', ...dates })
    writeFileSync(join(dirname(scenario), 'old.pem'), cert + key)
    const { code, output } = await run(scenario, ['--target', url, '--ca', 'ca.pem', '--cert', 'old.pem'])
    expect(COMPLETED, output).toContain(code)
    expect(oneLine(output)).toContain('Note: --cert: the certificate (CN=old) has expired on Jan 1')
  })
})

/** Starts a target of Loadcell behind a gateway that speaks TLS. Returns the URL of the gateway. */
async function targetWithTls({ onTestFinished }: TestContext): Promise<{ url: string; port: number }> {
  const target = await testTarget({ 'feed.orders': '50' })
  const sockets = new Set<Socket>()
  // Half-open, so that a stream which the client ends can be read to its end.
  const gateway = createServer({ ...server, allowHalfOpen: true }, outer => {
    const inner = connect({ port: target.port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [outer, inner]) sockets.add(socket.on('error', () => socket.destroy()))
    outer.pipe(inner).pipe(outer)
  })
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    gateway.close()
  })
  const { port } = gateway.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}`, port }
}

const everything = `
  import { scenario, user } from 'loadcell'
  export default scenario({
    warmup: '200ms',
    load: { executor: 'constant-vus', vus: 3, duration: '2s' },
    users: [
      user('reader', { think: '50ms', iterate: ({ http }) => http.get('/api/v1/products/3') }),
      user('dashboard', {
        begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
        async iterate({ sse }) {
          for await (const _ of sse.open('/v1/streams/orders', { until: '500ms' })) continue
        },
      }),
      user('talker', {
        think: '50ms',
        async iterate({ ws, vu }) {
          const socket = await ws.open('/ws/chat', { query: { token: \`demo-jwt-token-talker-\${vu.id}\` } })
          await socket.close()
        },
      }),
    ],
  })`

test('requests, streams and WebSockets over TLS and through a proxy agree with the ledger, which is read the same way', async context => {
  const { url, port } = await targetWithTls(context)
  const proxy = await proxyServer({}, context)
  const scenario = writeScenario(everything)
  const ca = join(dirname(scenario), 'ca.pem')
  writeFileSync(ca, authority.cert)
  const network = ['--ca', ca, '--proxy', proxy.url]
  const { code, output, result } = await run(scenario, ['--target', url, ...network, '--tag', 'of=tls'])
  expect(COMPLETED, output).toContain(code)
  const { reconciliation, totals, errors, run: described } = result()
  // On a busy machine the run may end before a stream has opened.
  const failures = errors.filter(({ reason }) => reason !== 'interrupted')
  expect({ state: reconciliation.state, failures }, output).toEqual({ state: 'agrees', failures: [] })
  expect(totals.streams.opened).toBeGreaterThan(0)
  expect(totals.sockets.opened).toBeGreaterThan(0)
  expect(totals.tlsHandshaking.count).toBeGreaterThanOrEqual(totals.connecting.count + totals.sockets.opened)
  expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(new Set([`CONNECT 127.0.0.1:${port}`]))

  const seenBefore = proxy.seen.length
  const [ledger, faults] = await Promise.all([
    loadcell(['ledger', '--run', described.id, '--url', url, ...network]),
    loadcell(['faults', 'list', '--url', url, ...network]),
  ])
  expect(ledger, ledger.output).toMatchObject({ code: 0, output: expect.stringContaining('streams.read') })
  expect(faults, faults.output).toMatchObject({ code: 0 })
  expect(proxy.seen.length).toBeGreaterThan(seenBefore)
})

test('loadcell capacity, compare --ab, faults, ledger and audit report take the same options', async context => {
  const { url } = await httpsServer(server, context)
  const scenario = written()
  const missing = ['--ca', 'missing.pem']
  const commands: [number, string[]][] = [
    [104, ['capacity', scenario, '--slo', 'http_req_duration p(95)<200', '--target', url]],
    [104, ['compare', '--ab', scenario, '--a', url, '--b', url, '--rounds', '2']],
    [104, ['faults', 'list', '--url', url]],
    [104, ['ledger', '--url', url]],
    [104, ['audit', 'report', scenario, '--url', url]],
    [104, ['audit', '--url', url, '--', 'true']],
  ]
  const outcomes = await Promise.all(
    commands.map(async ([, args]) => {
      const at = args.indexOf('--')
      const rest = at === -1 ? [...args, ...missing] : [...args.slice(0, at), ...missing, ...args.slice(at)]
      const { code, output } = await loadcell(rest, { cwd: scratchFolder() })
      return { args, code, said: /--ca: there is no file \S+missing\.pem/.test(output) || output }
    }),
  )
  expect(outcomes).toEqual(commands.map(([code, args]) => ({ args, code, said: true })))
})

describe('loadcell run through a proxy', () => {
  test('says so everywhere, without the password of the proxy', async context => {
    const { url, port } = await httpsServer(server, context)
    const proxy = await proxyServer({ credentials: 'me:pass-word' }, context)
    const through = proxy.url.replace('//', '//me:pass-word@')
    const { code, output, texts, result } = await run(written(), [
      '--target',
      url,
      '--ca',
      'ca.pem',
      '--proxy',
      through,
    ])
    expect(COMPLETED, output).toContain(code)
    expect(result().run).toMatchObject({ proxy: proxy.url })
    expect(oneLine(output)).toContain(`(through the proxy ${proxy.url})`)
    expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(new Set([`CONNECT 127.0.0.1:${port}`]))
    for (const text of texts()) expect(text).not.toMatch(/pass-word|bWU6cGFzcy13b3Jk/)
  })

  test('uses the one of the environment for other machines only, and none with --no-proxy', async context => {
    const proxy = await proxyServer({ refusal: 502 }, context)
    const env = { HTTPS_PROXY: proxy.url, https_proxy: '', no_proxy: '', NO_PROXY: '' }
    const { url } = await httpsServer(server, context)
    const elsewhere = `https://shop.invalid:${await freePort()}`
    const scenario = written()
    const [own, other, direct] = await Promise.all([
      run(scenario, ['--target', url, '--ca', 'ca.pem'], env),
      run(scenario, ['--target', elsewhere], env),
      run(scenario, ['--target', elsewhere, '--no-proxy'], env),
    ])
    expect(COMPLETED, own.output).toContain(own.code)
    expect(other.code).toBe(97)
    expect(oneLine(other.output)).toContain(`the proxy failed or refused (the proxy ${proxy.url} answered 502`)
    expect(other.result().run.proxy).toBe(proxy.url)
    expect(oneLine(direct.output)).toContain('the host name did not resolve')
    expect(direct.result().run.proxy).toBeUndefined()
    expect(new Set(proxy.seen.map(({ line }) => line))).toEqual(new Set([`CONNECT ${elsewhere.slice(8)}`]))
  })

  test('refuses a proxy that is none before any load, without its password', async () => {
    const { code, output } = await run(written(), [
      '--target',
      'http://shop.invalid',
      '--proxy',
      'socks5://me:hidden@a',
    ])
    expect(code).toBe(104)
    expect(output).toContain('--proxy: expected an HTTP proxy such as http://127.0.0.1:3128, got a SOCKS proxy')
    expect(output).not.toContain('hidden')
  })
})
