import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import type { ConnectionTimes } from '../../harness/client/engine/connector.ts'
import type { Network } from '../../harness/client/engine/network.ts'
import { alwaysThrough } from '../../harness/client/proxies/environment.ts'
import { parseProxy } from '../../harness/client/proxies/parse-proxy.ts'
import { certificate } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { httpsServer } from '../support/tls-server.ts'
import { clientOf, createUser } from '../unit/harness/client/support.ts'

/** Returns the first of these programs that there is; undefined, with a loud note, if none is. */
function programOf(variable: string, names: string[], pack: string): string | undefined {
  const given = process.env[variable]
  const candidates = given === undefined ? names : [given]
  const found = candidates.find(path => spawnSync(path, ['-v']).error === undefined)
  if (found === undefined) {
    const why = `there is no ${candidates.join(' or ')} (apt install ${pack}, or set ${variable})`
    process.stderr.write(`\n!!! SKIPPED: ${why}. Connections to that program were not tested.\n\n`)
  }
  return found
}

const nginx = programOf('LOADCELL_TEST_NGINX', ['nginx', '/usr/sbin/nginx'], 'nginx')
const openssl = programOf('LOADCELL_TEST_OPENSSL', ['openssl'], 'openssl')
const tinyproxy = programOf('LOADCELL_TEST_TINYPROXY', ['tinyproxy', '/usr/bin/tinyproxy'], 'tinyproxy')

const authority = certificate({ name: 'Authority', isAuthority: true })
const host = certificate({ name: 'host', hosts: ['127.0.0.1'], issuer: authority })
const tester = certificate({ name: 'tester', issuer: authority })
const stranger = certificate({ name: 'stranger' })
const expired = certificate({
  name: 'old',
  issuer: authority,
  notBefore: new Date('2020-01-01'),
  notAfter: new Date('2021-01-01'),
})
const trust = { ca: authority.cert }

/** A new folder with the certificates of these tests. */
function folderWith(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-secure-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const all = { 'ca.pem': authority.cert, 'host.pem': host.cert, 'host.key': host.key, ...files }
  for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content)
  return folder
}

/** Starts a program, and waits until it listens on the port. */
async function started(program: string, args: string[], port: number): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  for (let isUp = false; !isUp; ) {
    await systemClock.sleep(30)
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`)
    isUp = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
  }
  return child
}

/** Starts a server without TLS that answers requests, streams and WebSockets. Returns its port and the paths it saw. */
async function backend(): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url!)
    if (request.url !== '/events') return response.end('ok')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return response.end('id: 1\ndata: {"a":1}\n\n')
  })
  server.on('upgrade', (request, socket) => {
    seen.push(request.url!)
    socket.on('error', () => {})
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
    socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`)
    // A close frame, when the client closes.
    socket.once('data', () => socket.end(Buffer.from([0x88, 0x02, 0x03, 0xe8])))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, seen }
}

/** Uses a target as a virtual user does, with some requests. Returns what came, and the times of connections. */
async function useAll(url: string, network: Network, requests = 5) {
  const times: ConnectionTimes[] = []
  const keep = (each: ConnectionTimes) => void times.push(each)
  const user = createUser(clientOf(url, { network, onConnected: keep, onSocketConnected: keep }))
  const statuses: number[] = []
  for (let request = 0; request < requests; request++) statuses.push((await user.http.get('/')).status)
  const events: unknown[] = []
  for await (const { event } of user.sse.open('/events', { reconnect: false })) events.push(event)
  const socket = await user.ws.open('/ws')
  await socket.close()
  const failures = user.recorder.requests.flatMap(({ failure }) => (failure === undefined ? [] : [failure]))
  return { statuses, events, closed: socket.closed?.code, failures, times }
}

const everything = { statuses: [200, 200, 200, 200, 200], events: [{ a: 1 }], closed: 1000, failures: [] }

/** Returns the failure of one request. */
async function failureAt(url: string, network: Network) {
  const { http, recorder } = createUser(clientOf(url, { network }))
  const { status } = await http.get('/')
  return { status, ...recorder.requests[0]?.failure }
}

describe.skipIf(nginx === undefined)('nginx', () => {
  async function serve(options: string) {
    const [port, { port: behind }] = [await freePort(), await backend()]
    const folder = folderWith()
    mkdirSync(join(folder, 'temp'))
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    writeFileSync(
      join(folder, 'nginx.conf'),
      `worker_processes 1; daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
      events {}
      http {
        ${temporary.map(name => `${name}_temp_path ${folder}/temp;`).join(' ')}
        log_format about '$request_uri $status $ssl_protocol $ssl_session_reused $ssl_client_s_dn $connection';
        access_log ${folder}/access.log about;
        server {
          listen 127.0.0.1:${port} ssl;
          ssl_certificate ${folder}/host.pem; ssl_certificate_key ${folder}/host.key;
          ssl_session_cache shared:sessions:1m;
          ${options.replaceAll('FOLDER', folder)}
          location / {
            proxy_pass http://127.0.0.1:${behind}; proxy_http_version 1.1; proxy_buffering off;
            proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;
          }
        }
      }`,
    )
    await started(nginx!, ['-p', folder, '-c', join(folder, 'nginx.conf')], port)
    return {
      url: `https://127.0.0.1:${port}`,
      log: async (lines: number): Promise<string[]> => {
        for (;;) {
          const found = readFileSync(join(folder, 'access.log'), 'utf8').trim().split('\n')
          if (found.length >= lines) return found
          await systemClock.sleep(20)
        }
      },
    }
  }
  const mutual = 'ssl_client_certificate FOLDER/ca.pem; ssl_verify_client on;'

  test.each(['TLSv1.2', 'TLSv1.3'])('sees the certificate of the client in every request, by %s', async version => {
    const { url, log } = await serve(`${mutual} ssl_protocols ${version};`)
    const { times, ...used } = await useAll(url, { tls: { ...trust, identity: tester } })
    expect(used).toEqual(everything)
    const lines = await log(7)
    expect(lines.map(line => line.split(' ', 1)[0])).toEqual([...Array<string>(5).fill('/'), '/events', '/ws'])
    for (const line of lines) expect(line).toMatch(new RegExp(`${version} [r.] CN=tester \\d+$`))
    // The server counts as many connections as the client timed.
    expect(times).toHaveLength(new Set(lines.map(line => line.split(' ').at(-1))).size)
    for (const { tookMs, handshakeMs } of times) expect(handshakeMs).toBeLessThan(tookMs)
  })

  test('resumes the session of a connection that was closed, and only that', async () => {
    const { url, log } = await serve('keepalive_requests 1;')
    const { http } = createUser(clientOf(url, { network: { tls: trust } }))
    await Promise.all([http.get('/'), http.get('/')])
    await systemClock.sleep(50)
    await Promise.all([http.get('/'), http.get('/'), http.get('/')])
    const reused = (await log(5)).map(line => line.split(' ')[3])
    expect(reused.slice(0, 2)).toEqual(['.', '.'])
    expect(reused.slice(2).filter(mark => mark === 'r')).toHaveLength(2)
  })

  test.each([
    ['no certificate', undefined, /No required SSL certificate/],
    ['one of another authority', stranger, /SSL certificate error/],
    ['one that has expired', expired, /SSL certificate error/],
  ])('refuses %s by a status', async (_which, identity, words) => {
    const { url } = await serve(mutual)
    const tls = { ...trust, ...(identity !== undefined && { identity }) }
    const failure = await failureAt(url, { tls })
    expect(failure).toMatchObject({ status: 400, reason: 'status', example: expect.stringMatching(words) })
  })

  test('of an unknown authority is not asked for anything', async () => {
    const { url, log } = await serve('')
    expect(await failureAt(url, {})).toMatchObject({ status: 0, reason: 'tls' })
    expect((await failureAt(url, { tls: { insecure: true } })).status).toBe(200)
    expect(await log(1)).toHaveLength(1)
  })
})

describe.skipIf(openssl === undefined)('a server of OpenSSL that demands a certificate of the client', () => {
  async function serve(...options: string[]) {
    const port = await freePort()
    const folder = folderWith()
    const own = ['-cert', join(folder, 'host.pem'), '-key', join(folder, 'host.key')]
    const demand = ['-CAfile', join(folder, 'ca.pem'), '-Verify', '2', '-verify_return_error']
    await started(openssl!, ['s_server', '-accept', `127.0.0.1:${port}`, '-www', ...own, ...demand, ...options], port)
    return `https://127.0.0.1:${port}`
  }

  test.each(['-tls1_2', '-tls1_3'])('answers one that it knows: %s', async version => {
    const url = await serve(version)
    expect(await failureAt(url, { tls: { ...trust, identity: tester } })).toEqual({ status: 200 })
  })

  test.each([
    ['-tls1_2', 'no certificate', undefined],
    ['-tls1_3', 'no certificate', undefined],
    ['-tls1_2', 'one of another authority', stranger],
    ['-tls1_3', 'one of another authority', stranger],
    ['-tls1_2', 'one that has expired', expired],
    ['-tls1_3', 'one that has expired', expired],
  ])('%s refuses %s by TLS, with advice', async (version, _which, identity) => {
    const url = await serve(version)
    const failure = await failureAt(url, { tls: { ...trust, ...(identity !== undefined && { identity }) } })
    expect(failure).toMatchObject({ status: 0, reason: 'tls', example: expect.stringContaining('--cert FILE') })
  })
})

const CREDENTIALS = 'me:pass-word'
const BASIC = /bWU6cGFzcy13b3Jk|pass-word/

/** A target without TLS. */
async function plainTarget() {
  const { port, seen } = await backend()
  return { plain: `http://127.0.0.1:${port}`, port, seen }
}

describe.skipIf(tinyproxy === undefined)('tinyproxy', () => {
  async function serve(settings = '') {
    const port = await freePort()
    const folder = folderWith()
    const log = join(folder, 'log')
    const file = join(folder, 'tinyproxy.conf')
    writeFileSync(file, `Port ${port}\nListen 127.0.0.1\nLogFile "${log}"\nLogLevel Connect\nTimeout 10\n${settings}\n`)
    await started(tinyproxy!, ['-d', '-c', file], port)
    const [user, password] = CREDENTIALS.split(':')
    return {
      open: `http://127.0.0.1:${port}`,
      known: `http://${user}:${password}@127.0.0.1:${port}`,
      log: () => readFileSync(log, 'utf8').match(/(GET|CONNECT) \S+/g) ?? [],
    }
  }
  const guarded = `BasicAuth ${CREDENTIALS.replace(':', ' ')}`

  test('carries requests, streams and WebSockets without TLS', async () => {
    const { plain, port, seen } = await plainTarget()
    const { known, log } = await serve(guarded)
    const { times: _, ...used } = await useAll(plain, { proxies: alwaysThrough(parseProxy(known)) })
    expect(used).toEqual(everything)
    expect(seen).toEqual([...Array<string>(5).fill('/'), '/events', '/ws'])
    expect(log()).toEqual([
      ...Array<string>(5).fill(`GET ${plain}/`),
      `GET ${plain}/events`,
      `CONNECT 127.0.0.1:${port}`,
    ])
  })

  test('tunnels TLS, of which it sees nothing but the address', async () => {
    const { url, port } = await httpsServer(host)
    const { known, log } = await serve(guarded)
    const network = { tls: trust, proxies: alwaysThrough(parseProxy(known)) }
    expect(await failureAt(url, network)).toEqual({ status: 200 })
    expect(log()).toEqual([`CONNECT 127.0.0.1:${port}`])
  })

  test.each([
    ['wrong credentials', guarded, /407.*(user name and password|user name and a password)/],
    ['a port that it does not allow', 'ConnectPort 443', /403.*rules/],
  ])('refuses %s with a reason', async (_which, settings, words) => {
    const { open } = await serve(settings)
    const proxies = alwaysThrough(parseProxy(open))
    const failure = await failureAt('https://127.0.0.1:1', { proxies })
    expect(failure).toMatchObject({ status: 0, reason: 'proxy', example: expect.stringMatching(words) })
    expect(failure.example).not.toMatch(BASIC)
  })

  test('says that it cannot reach a target', async () => {
    const { open } = await serve()
    const network = { proxies: alwaysThrough(parseProxy(open)) }
    const target = `127.0.0.1:${await freePort()}`
    const secure = await failureAt(`https://${target}`, network)
    expect(secure).toMatchObject({ reason: 'proxy', example: expect.stringMatching(/answered 50\d/) })
    expect(await failureAt(`http://${target}`, network)).toMatchObject({ reason: 'status' })
  })
})
