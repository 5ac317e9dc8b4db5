import dns from 'node:dns'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type RunningTarget, startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'

const ADDRESSES = ['127.0.0.1', '127.0.0.2']
const closers: (() => unknown)[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of closers.splice(0)) await close()
})

describe('a host with several addresses', () => {
  it.each<[string, string | string[]]>([
    ['bytes that are no HTTP', 'GET / HTTX\r\n\r\n'],
    ['headers over the limit', `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['an unknown expectation', 'GET /openapi.json HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n'],
    ['no Host', 'GET /openapi.json HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['many headers', `GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'a: b\r\n'.repeat(2100)}\r\n`],
    [
      'an upgrade to another protocol',
      'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
    ],
    ['a connection that idles', 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a request that does not arrive', 'GET /openapi.json HTTP/1.1\r\nHost'],
  ])('answers %s alike on each of them', async (_name, bytes) => {
    const port = await portOf(resolvingTo(ADDRESSES))
    const [first, second] = await Promise.all(ADDRESSES.map(address => exchange(address, port, String(bytes))))
    expect(second).toBe(first)
    expect(first).toMatch(/^HTTP\/1\.1 /)
  })

  it('counts the requests of all of them', async () => {
    const port = await portOf(resolvingTo(ADDRESSES))
    for (const address of ADDRESSES) await fetch(`http://${address}:${port}/products/1`)
    const ledger = await fetch(`http://127.0.0.1:${port}/_loadcell/ledger`)
    expect(await ledger.json()).toMatchObject({ operations: [{ operation: 'products.get', arrivals: 2 }] })
  })

  it('upgrades to WebSocket on each of them, and stops with sockets open', async () => {
    const target = await resolvingTo(ADDRESSES)
    const port = await portOf(target)
    const sockets = ADDRESSES.map(address => new WebSocket(`ws://${address}:${port}/ws/quotes`))
    await Promise.all(sockets.map(socket => once(socket, 'open')))
    const closed = sockets.map(async socket => ((await once(socket, 'close')) as [CloseEvent])[0].code)
    await target.close()
    expect(await Promise.all(closed)).toEqual([1001, 1001])
    await expect(exchange('127.0.0.2', port, 'GET / HTTP/1.1\r\n\r\n')).rejects.toThrow('ECONNREFUSED')
  })

  it.each([[['203.0.113.1', '127.0.0.1']], [['127.0.0.1', '203.0.113.1']]])(
    'leaves out an address that this machine lacks: %j',
    async addresses => {
      const port = await portOf(resolvingTo(addresses))
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    },
  )

  it('refuses a port that is taken on any of them', async () => {
    const squatter = createServer().listen(0, '127.0.0.2')
    closers.push(() => squatter.close())
    await once(squatter, 'listening')
    const { port } = squatter.address() as AddressInfo
    await expect(resolvingTo(ADDRESSES, String(port))).rejects.toThrow(`port ${port} of many.test is in use`)
    // The failed start left nothing listening.
    await expect(exchange('127.0.0.1', port, '')).rejects.toThrow('ECONNREFUSED')
  })

  it('refuses a host none of whose addresses this machine has', async () => {
    await expect(resolvingTo(['203.0.113.1', '203.0.113.2'])).rejects.toThrow('this machine has no address many.test')
  })
})

async function resolvingTo(addresses: readonly string[], port = '0'): Promise<RunningTarget> {
  const found = addresses.map(address => ({ address, family: 4 }))
  const real = dns.lookup
  vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: object, done: (...given: unknown[]) => void) =>
    host === 'many.test' ? done(null, found) : real(host, options, done)) as typeof dns.lookup)
  const flags = {
    'http.host': 'many.test',
    'http.port': port,
    'http.keepAliveTimeout': '50ms',
    'http.requestTimeout': '200ms',
    'log.level': 'silent',
    'feed.orders': '0',
  }
  const target = await startTarget(loadConfiguration({ env: {}, flags }))
  closers.push(() => target.close())
  return target
}

async function portOf(target: RunningTarget | Promise<RunningTarget>): Promise<number> {
  return Number(new URL((await target).url).port)
}

/** Returns everything that the target sends until it closes the connection, without the parts that vary. */
function exchange(host: string, port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, host, () => socket.write(bytes))
    socket.on('data', chunk => (answer += chunk.toString()))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer.replaceAll(/^(date|x-request-id): .*\r\n/gim, '')))
  })
}
