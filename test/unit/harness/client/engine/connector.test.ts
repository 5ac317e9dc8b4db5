import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import {
  type ConnectionTimes,
  Connector,
  type ConnectorOptions,
} from '../../../../../harness/client/engine/connector.ts'
import { failureOf } from '../../../../../harness/client/engine/failure.ts'
import { certificate } from '../../../../support/certificates.ts'
import { rawServer } from '../../../../support/raw-server.ts'
import { certifiedHost, httpsServer } from '../../../../support/tls-server.ts'

interface Opened {
  socket: Socket
  times: ConnectionTimes
}

/** Connects once. Rejects with the connector's error. */
function opened(connector: Connector, origin: string): Promise<Opened> {
  const { promise, resolve, reject } = Promise.withResolvers<Opened>()
  connector.connect(origin, (...result) => {
    if (result[0] !== null) return reject(result[0])
    const [, socket, times] = result
    onTestFinished(() => void socket.destroy())
    resolve({ socket, times })
  })
  return promise
}

function connectorWith(options: Omit<ConnectorOptions, 'clock'> = {}): Connector {
  return new Connector({ clock: systemClock, ...options })
}

/** Returns the failure that a report shows of a connection that cannot be made. */
async function failureOfConnecting(connector: Connector, origin: string) {
  return failureOf(
    await opened(connector, origin).then(
      () => 'connected',
      (error: unknown) => error,
    ),
  )
}

/** Sends a request and returns everything that comes. */
async function exchange(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  return Buffer.concat(await socket.toArray()).toString()
}

describe('a connection', () => {
  test('over TCP is ready for HTTP, and has no TLS handshake', async () => {
    const { url } = await rawServer(({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    const { socket, times } = await opened(connectorWith(), url)
    expect(times.tookMs).toBeGreaterThan(0)
    expect(times.handshakeMs).toBeUndefined()
    expect(await exchange(socket)).toContain('200 OK')
  })

  test('over TLS is ready for HTTP, and the handshake is a part of its time', async () => {
    const { authority, server } = certifiedHost()
    const { url } = await httpsServer(server)
    const connector = connectorWith({ network: { tls: { ca: authority.cert } } })
    const { socket, times } = await opened(connector, url)
    expect(times.handshakeMs).toBeGreaterThan(0)
    expect(times.handshakeMs).toBeLessThan(times.tookMs)
    expect(await exchange(socket)).toMatch(/^HTTP\/1.1 200 OK[^]*ok/)
  })

  test('reports how many bytes were received over TLS', async () => {
    const { authority, server } = certifiedHost()
    const { url } = await httpsServer(server)
    const { socket } = await opened(connectorWith({ network: { tls: { ca: authority.cert } } }), url)
    const before = socket.bytesRead
    await exchange(socket)
    expect(socket.bytesRead).toBeGreaterThan(before)
  })
})

describe('a TLS session', () => {
  test('is resumed by a connection that replaces another, and not by one beside it', async () => {
    const { authority, server } = certifiedHost()
    const { url, resumed } = await httpsServer(server)
    const connector = connectorWith({ network: { tls: { ca: authority.cert } } })
    const [one, two] = await Promise.all([opened(connector, url), opened(connector, url)])
    await Promise.all([exchange(one.socket), exchange(two.socket)])
    await sleep(10)
    const again = await Promise.all([1, 2, 3].map(() => opened(connector, url)))
    await Promise.all(again.map(({ socket }) => exchange(socket)))
    expect({ first: resumed.slice(0, 2), again: resumed.slice(2).filter(Boolean).length }).toEqual({
      first: [false, false],
      again: 2,
    })
  })
})

describe('a certificate of the server', () => {
  const expired = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
  const alone = certificate({ name: '127.0.0.1', hosts: ['127.0.0.1'] })

  test.each([
    ['that is signed by itself', alone, undefined, /self-signed certificate \(.*--ca FILE.*--insecure/],
    ['of an unknown authority', certifiedHost().server, undefined, /unknown authority.*--ca FILE/],
    ['for another name', certificate({ name: 'other', hosts: ['other.example'] }), 'own', /tls\.serverName/],
    ['that has expired', certificate({ name: 'x', hosts: ['127.0.0.1'], ...expired }), 'own', /expired.*renew/],
    [
      'that is not valid yet',
      certificate({
        name: 'x',
        hosts: ['127.0.0.1'],
        notBefore: new Date('2090-01-01'),
        notAfter: new Date('2091-01-01'),
      }),
      'own',
      /not yet valid.*clocks/,
    ],
  ])('%s is refused with advice', async (_which, server, ca, advice) => {
    const { url, port } = await httpsServer(server)
    const connector = connectorWith({ network: { tls: ca === undefined ? {} : { ca: server.cert } } })
    const { reason, example } = await failureOfConnecting(connector, url)
    expect(reason).toBe('tls')
    expect(example).toContain(`127.0.0.1:${port}`)
    expect(example).toMatch(advice)
  })

  test('that is signed by itself is accepted if it is trusted, or if nothing is checked', async () => {
    const { url } = await httpsServer(alone)
    await opened(connectorWith({ network: { tls: { ca: alone.cert } } }), url)
    await opened(connectorWith({ network: { tls: { insecure: true } } }), url)
  })

  test('for another name is accepted by that name, at the target only', async () => {
    const server = certificate({ name: 'x', hosts: ['inner.example'] })
    const { url } = await httpsServer(server)
    const network = { tls: { ca: server.cert, serverName: 'inner.example' } }
    await opened(connectorWith({ network, targetHost: '127.0.0.1' }), url)
    const { example } = await failureOfConnecting(connectorWith({ network, targetHost: 'target.example' }), url)
    expect(example).toContain("IP: 127.0.0.1 is not in the cert's list")
  })
})

describe('a server that', () => {
  test('speaks no TLS fails the handshake with advice', async () => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    const { reason, example } = await failureOfConnecting(connectorWith(), await originOf(server))
    expect(reason).toBe('tls')
    expect(example).toContain('answered without TLS: use http://')
  })

  test('closes the connection fails the handshake', async () => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.destroy())
    })
    const { reason, example } = await failureOfConnecting(connectorWith(), await originOf(server))
    expect(reason).toBe('tls')
    expect(example).toContain('ended the connection during the TLS handshake')
  })

  test('says nothing is given up in time', async () => {
    const origin = await originOf(createServer(socket => socket.on('error', () => {})))
    const { reason, example } = await failureOfConnecting(connectorWith({ withinMs: 100 }), origin)
    expect(reason).toBe('connect_timeout')
    expect(example).toContain('did not complete the TLS handshake')
  })

  test('only speaks an old version of TLS fails the handshake with advice', async () => {
    const { authority, server } = certifiedHost()
    const { url } = await httpsServer({
      ...server,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    })
    const { reason, example } = await failureOfConnecting(
      connectorWith({ network: { tls: { ca: authority.cert } } }),
      url,
    )
    expect(reason).toBe('tls')
    expect(example).toContain('other versions or ciphers of TLS')
  })
})

async function originOf(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
