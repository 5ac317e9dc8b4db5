import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { ConnectionTimes } from '../../../../../harness/client/engine/connector.ts'
import { type EngineName, engineNames } from '../../../../../harness/client/engine/engine-names.ts'
import type { Network } from '../../../../../harness/client/engine/network.ts'
import { alwaysThrough } from '../../../../../harness/client/proxies/environment.ts'
import { parseProxy } from '../../../../../harness/client/proxies/parse-proxy.ts'
import { certificate } from '../../../../support/certificates.ts'
import { answerAny, rawServer } from '../../../../support/raw-server.ts'
import { proxyServer } from '../../../../support/proxy-server.ts'
import { certifiedHost, httpsServer } from '../../../../support/tls-server.ts'
import { clientOf, closedPort, createUser } from '../support.ts'

/** Uses a target as a virtual user does: requests, streams and WebSockets. Returns what came, and the times of connections. */
async function useAll(url: string, network: Network, engine: EngineName) {
  const times = { requests: [] as ConnectionTimes[], sockets: [] as ConnectionTimes[] }
  const client = clientOf(url, {
    network,
    engine,
    onConnected: each => times.requests.push(each),
    onSocketConnected: each => times.sockets.push(each),
  })
  const { http, sse, ws, recorder } = createUser(client)
  const answer = await http.get('/')
  const events: unknown[] = []
  for await (const { event } of sse.open('/events', { reconnect: false })) events.push(event)
  const opened = await ws.open('/ws', { timeout: '2s' }).then(
    async socket => {
      const echoed = await socket.request({ hello: 1 }, () => true)
      await socket.close()
      return echoed
    },
    ({ message }: Error) => message,
  )
  const failures = recorder.requests.flatMap(({ failure }) => (failure === undefined ? [] : [failure]))
  return { status: answer.status, events, opened, failures, times }
}

/** An HTTPS server that also echoes frames of WebSockets. */
async function echoing(options: Parameters<typeof httpsServer>[0]) {
  const started = await httpsServer(options)
  const sockets = new WebSocketServer({ server: started.server })
  sockets.on('connection', socket => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
  })
  return started
}

const everything = { status: 200, events: [{ a: 1 }], opened: { hello: 1 }, failures: [] }

describe.each(engineNames)('by the engine %s', engine => {
  describe('a target with TLS', () => {
    test('is used by requests, streams and WebSockets, and each handshake is timed', async () => {
      const { authority, server } = certifiedHost()
      const { url } = await echoing(server)
      const { times, ...used } = await useAll(url, { tls: { ca: authority.cert } }, engine)
      expect(used).toEqual(everything)
      expect({ requests: times.requests.length, sockets: times.sockets.length }).toEqual({ requests: 2, sockets: 1 })
      for (const { tookMs, handshakeMs } of [...times.requests, ...times.sockets]) {
        expect(handshakeMs).toBeGreaterThan(0)
        expect(handshakeMs).toBeLessThan(tookMs)
      }
    })

    test('that is not trusted fails requests, streams and WebSockets by TLS, with advice', async () => {
      const { url } = await echoing(certifiedHost().server)
      const { http, sse, ws, recorder } = createUser(clientOf(url, { engine }))
      await http.get('/')
      const events = sse.open('/events', { reconnect: false })[Symbol.asyncIterator]()
      await expect(events.next()).rejects.toThrow('--insecure')
      await expect(ws.open('/ws')).rejects.toThrow('--insecure')
      expect(recorder.requests.map(({ failure }) => failure)).toEqual(
        [1, 2, 3].map(() => ({ reason: 'tls', example: expect.stringMatching(/unknown authority.*--ca FILE/) })),
      )
    })
  })

  describe('a target that wants a certificate of the client', () => {
    const { authority, server } = certifiedHost()
    const mutual = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true }

    test('is used with one by requests, streams and WebSockets', async () => {
      const { url } = await echoing(mutual)
      const identity = certificate({ name: 'tester', issuer: authority })
      const { times: _, ...used } = await useAll(url, { tls: { ca: authority.cert, identity } }, engine)
      expect(used).toEqual(everything)
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('refuses a client without one by TLS: %s', async maxVersion => {
      const { url } = await echoing({ ...mutual, maxVersion })
      const { http, recorder } = createUser(clientOf(url, { network: { tls: { ca: authority.cert } }, engine }))
      await http.get('/')
      expect(recorder.requests[0]?.failure).toEqual({ reason: 'tls', example: expect.stringContaining('--cert FILE') })
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'refuses a certificate of another authority by TLS: %s',
      async maxVersion => {
        const { url } = await echoing({ ...mutual, maxVersion })
        const stranger = certificate({ name: 'stranger' })
        const network = { tls: { ca: authority.cert, identity: stranger } }
        const { http, recorder } = createUser(clientOf(url, { network, engine }))
        await http.get('/')
        expect(recorder.requests[0]?.failure).toEqual({
          reason: 'tls',
          example: expect.stringContaining('--cert FILE'),
        })
      },
    )

    test('ends a connection for other reasons, once it has answered this client', async () => {
      const { url, server: running } = await echoing(mutual)
      const identity = certificate({ name: 'tester', issuer: authority })
      const network = { tls: { ca: authority.cert, identity } }
      const { http, recorder } = createUser(clientOf(url, { network, engine }))
      expect((await http.get('/')).status).toBe(200)
      running.removeAllListeners('request')
      running.on('request', request => request.socket.destroy())
      await Promise.all([1, 2, 3].map(() => http.post('/')))
      const reasons = recorder.requests.slice(1).map(({ failure }) => failure?.reason)
      expect(reasons.filter(reason => reason !== 'closed' && reason !== 'reset')).toEqual([])
    })
  })

  describe('a proxy', () => {
    test('tunnels requests, streams and WebSockets with TLS', async () => {
      const { authority, server } = certifiedHost()
      const { url, port } = await echoing(server)
      const proxy = await proxyServer({ credentials: 'me:secret' })
      const proxies = alwaysThrough(parseProxy(proxy.url.replace('//', '//me:secret@')))
      const { times, ...used } = await useAll(url, { tls: { ca: authority.cert }, proxies }, engine)
      expect(used).toEqual(everything)
      expect(proxy.seen.map(({ line }) => line)).toEqual(Array(3).fill(`CONNECT 127.0.0.1:${port}`))
      for (const { tookMs, handshakeMs } of times.requests) expect(handshakeMs).toBeLessThan(tookMs)
    })

    test('with TLS tunnels TLS within TLS', async () => {
      const { authority, server } = certifiedHost()
      const { url } = await echoing(server)
      const proxy = await proxyServer({ certified: server })
      const network = { tls: { ca: authority.cert }, proxies: alwaysThrough(parseProxy(proxy.url)) }
      const { times: _, ...used } = await useAll(url, network, engine)
      expect(used).toEqual(everything)
      expect(proxy.seen).toHaveLength(3)
    })

    test('with TLS is checked even where certificates of targets are not', async () => {
      const { server } = certifiedHost()
      const { url } = await echoing(server)
      const proxy = await proxyServer({ certified: server })
      const network = { tls: { insecure: true }, proxies: alwaysThrough(parseProxy(proxy.url)) }
      const { http, recorder } = createUser(clientOf(url, { network, engine }))
      await http.get('/')
      expect(recorder.requests[0]?.failure?.reason).toBe('proxy')
      expect(proxy.seen).toEqual([])
    })

    test('forwards requests and streams without TLS by their whole URL, and tunnels WebSockets', async () => {
      const { url, port, seen } = await rawServer(answerAny)
      const proxy = await proxyServer({ credentials: 'me:secret' })
      const network = { proxies: alwaysThrough(parseProxy(proxy.url.replace('//', '//me:secret@'))) }
      const { status, events, opened } = await useAll(url, network, engine)
      expect({ status, events }).toEqual({ status: 200, events: [{ a: 1 }] })
      expect(opened).toContain('404')
      const lines = [`GET ${url}/`, `GET ${url}/events`, `CONNECT 127.0.0.1:${port}`]
      expect(proxy.seen.map(({ line }) => line)).toEqual(lines)
      expect(seen.map(({ line }) => line)).toEqual(['GET / HTTP/1.1', 'GET /events HTTP/1.1', 'GET /ws HTTP/1.1'])
      expect(seen.filter(({ head }) => /proxy-authorization/i.test(head))).toEqual([])
      expect(seen[0]?.head).toMatch(new RegExp(`^host: 127.0.0.1:${port}$`, 'im'))
    })

    test.each([
      ['wants other credentials', { credentials: 'me:secret' }, 'answered 407'],
      ['refuses', { refusal: 403 }, 'answered 403'],
      ['cannot reach the target', { refusal: 502 }, 'answered 502'],
    ])('that %s fails requests with TLS, and WebSockets, by its reason', async (_which, options, expected) => {
      const proxy = await proxyServer(options)
      const network = { proxies: alwaysThrough(parseProxy(proxy.url.replace('//', '//me:wrong@'))) }
      const { http, ws, recorder } = createUser(clientOf('https://target.example', { network, engine }))
      await http.get('/')
      await expect(ws.open('/ws')).rejects.toThrow(expected)
      expect(recorder.requests.map(({ failure }) => failure)).toEqual(
        [1, 2].map(() => ({ reason: 'proxy', example: expect.stringContaining(expected) })),
      )
      expect(JSON.stringify(recorder.requests)).not.toContain('wrong')
    })

    test('that wants other credentials fails requests without TLS by its reason', async () => {
      const proxy = await proxyServer({ credentials: 'me:secret' })
      const network = { proxies: alwaysThrough(parseProxy(proxy.url)) }
      const { http, recorder } = createUser(clientOf('http://target.example', { network, engine }))
      expect(await http.get('/')).toMatchObject({ status: 0, failure: 'proxy' })
      expect(recorder.requests[0]?.failure?.example).toContain('user name and a password')
    })

    test('that is down fails everything by its reason', async () => {
      const url = `http://127.0.0.1:${await closedPort()}`
      const network = { proxies: alwaysThrough(parseProxy(url)) }
      for (const target of ['http://target.example', 'https://target.example']) {
        const { http, recorder } = createUser(clientOf(target, { network, engine }))
        await http.get('/')
        const { reason, example } = recorder.requests[0]!.failure!
        expect({ target, reason }).toEqual({ target, reason: 'proxy' })
        expect(example).toContain(`the proxy ${url} cannot be reached: connect ECONNREFUSED`)
      }
    })
  })
})
