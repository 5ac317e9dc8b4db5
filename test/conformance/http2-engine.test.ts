import { once } from 'node:events'
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, describe } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { type ConnectionTimes, Connector } from '../../harness/client/engine/connector.ts'
import type {
  ConnectionPool,
  EngineExchange,
  EngineRequest,
  ExchangeListener,
  ResponseHead,
} from '../../harness/client/engine/engine.ts'
import { createEngine } from '../../harness/client/engine/engines.ts'
import type { ExchangeFailure } from '../../harness/client/engine/failure.ts'
import { certifiedHost, httpsServer } from '../support/tls-server.ts'

const { authority, server: certified } = certifiedHost()
const GET: EngineRequest = { method: 'GET', path: '/', headers: {}, body: null }

type Answer = (stream: ServerHttp2Stream, headers: Record<string, unknown>, ordinal: number) => void

async function http2Server(answer: Answer, settings = {}): Promise<{ url: string; server: Http2SecureServer }> {
  const server = createSecureServer({ ...certified, settings })
  let ordinal = 0
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    answer(stream, headers, (ordinal += 1))
  })
  server.on('session', session => {
    session.on('error', () => {})
    onTestFinished(() => session.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** Records one exchange. */
class Seen implements ExchangeListener {
  events: string[] = []
  status = 0
  head: ResponseHead | undefined
  text = ''
  failure: ExchangeFailure | undefined
  exchange!: EngineExchange
  isUnprocessed: boolean | undefined
  crossedClose: boolean | undefined
  onFailing: () => boolean = () => false
  readonly #end = Promise.withResolvers<this>()
  readonly ended = this.#end.promise

  onSend(): void {
    this.events.push('send')
  }
  onHead(status: number, head: ResponseHead): void {
    this.events.push('head')
    this.status = status
    this.head = head
  }
  onData(chunk: Buffer): void {
    this.text += chunk.toString()
  }
  onEnd(): void {
    this.events.push('end')
    this.#end.resolve(this)
  }
  onFailure(failure: ExchangeFailure): void {
    this.events.push('failure')
    this.failure = failure
    this.isUnprocessed = this.exchange.isUnprocessed
    this.crossedClose = this.exchange.crossedClose
    if (!this.onFailing()) this.#end.resolve(this)
  }
}

function poolTo(
  url: string,
  options: { mostStreams?: number; connections?: number; onConnected?: (times: ConnectionTimes) => void } = {},
): ConnectionPool {
  const { mostStreams, connections, onConnected } = options
  const connector = new Connector({ clock: systemClock, network: { tls: { ca: authority.cert } } })
  const engine = createEngine('lean', { clock: systemClock, connector, onConnected, version: '2', mostStreams })
  const pool = engine.pool(url, connections)
  onTestFinished(() => pool.destroy())
  return pool
}

function send(pool: ConnectionPool, request: Partial<EngineRequest> = {}): Seen {
  const seen = new Seen()
  seen.exchange = pool.send({ ...GET, ...request }, seen)
  return seen
}

const ok = (stream: ServerHttp2Stream) => {
  stream.respond({ ':status': 200, 'content-length': 2 })
  stream.end('ok')
}

describe('the engine over HTTP/2', () => {
  test('sends method, path, headers and body, without those of a connection of HTTP/1.1', async () => {
    let received: Record<string, unknown> = {}
    let body = ''
    const { url } = await http2Server((stream, headers) => {
      received = headers
      stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
      stream.on('end', () => ok(stream))
    })
    const headers = { 'x-one': 'caf\u00e9', connection: 'close', host: 'shop.example' }
    const request = {
      method: 'POST',
      path: '/a%20b?c=d',
      headers,
      shared: { 'user-agent': 'u' },
      body: Buffer.from('hello'),
    }
    const seen = await send(poolTo(url), request).ended
    expect(seen.events).toEqual(['send', 'head', 'end'])
    expect(received).toMatchObject({
      ':method': 'POST',
      ':path': '/a%20b?c=d',
      ':authority': 'shop.example',
      'x-one': 'caf\u00e9',
      'user-agent': 'u',
      'content-length': '5',
    })
    expect(received).not.toHaveProperty('connection')
    expect(body).toBe('hello')
  })

  test('reports the head without pseudo-headers, and that it came over HTTP/2', async () => {
    const { url } = await http2Server(stream => {
      stream.respond({ ':status': 418, 'set-cookie': ['a=1', 'b=2'] })
      stream.end()
    })
    const { status, head } = await send(poolTo(url)).ended
    expect(status).toBe(418)
    expect(head?.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'] })
    expect(head?.headers).not.toHaveProperty(':status')
    expect(head).toMatchObject({ setsCookies: true, isHttp2: true })
  })

  test('carries as many requests on a connection as its server allows, and opens another for the rest', async () => {
    const held: ServerHttp2Stream[] = []
    const { url } = await http2Server(stream => held.push(stream), { maxConcurrentStreams: 3 })
    const opened: ConnectionTimes[] = []
    const pool = poolTo(url, { onConnected: times => opened.push(times) })
    const first = send(pool)
    await expect.poll(() => held.length).toBe(1)
    const rest = Array.from({ length: 6 }, () => send(pool))
    await expect.poll(() => held.length).toBe(7)
    expect(pool.connections).toBe(3)
    expect(opened.every(({ handshakeMs }) => handshakeMs !== undefined)).toBe(true)
    held.forEach(ok)
    for (const each of [first, ...rest]) expect((await each.ended).failure).toBeUndefined()
  })

  test.each([
    [{ connections: 1, mostStreams: 2 }, 2],
    [{ connections: 2, mostStreams: 1 }, 2],
  ])('with %j sends %i requests, and the others once there is room', async (limits, most) => {
    const held: ServerHttp2Stream[] = []
    const { url } = await http2Server(stream => held.push(stream))
    const pool = poolTo(url, limits)
    const all = Array.from({ length: 5 }, () => send(pool))
    await expect.poll(() => held.length).toBe(most)
    for (let answered = 0; answered < 5; answered += 1) {
      await expect.poll(() => held.length).toBeGreaterThan(answered)
      ok(held[answered]!)
    }
    for (const each of all) expect((await each.ended).text).toBe('ok')
  })

  const endings: Record<
    string,
    [end: (stream: ServerHttp2Stream) => void, reason: ExchangeFailure['reason'], words: RegExp]
  > = {
    'the stream is reset before the head': [
      stream => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
      'reset',
      /INTERNAL_ERROR/,
    ],
    'the stream is cancelled': [stream => stream.close(constants.NGHTTP2_CANCEL), 'closed', /CANCEL/],
    'the server demands HTTP/1.1': [
      stream => stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED),
      'protocol',
      /HTTP_1_1_REQUIRED/,
    ],
    'the body is shorter than announced': [
      stream => {
        stream.respond({ ':status': 200, 'content-length': 10 })
        stream.end('abc')
      },
      'protocol',
      /PROTOCOL_ERROR/,
    ],
    'the connection ends with a GOAWAY that says why': [
      stream => stream.session!.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM),
      'closed',
      /ENHANCE_YOUR_CALM/,
    ],
  }

  test.each(Object.entries(endings))('fails once when %s', async (_how, [end, reason, words]) => {
    const { url } = await http2Server(end)
    const { failure, events } = await send(poolTo(url)).ended
    expect(failure?.reason).toBe(reason)
    expect(failure?.example).toMatch(words)
    expect(events.filter(event => event === 'failure')).toHaveLength(1)
  })

  test('fails once, on one connection, when Node refuses to write the request', async () => {
    const { url } = await http2Server(ok)
    let connected = 0
    const pool = poolTo(url, { onConnected: () => (connected += 1) })
    const { failure, events } = await send(pool, { method: 'CONNECT' }).ended
    expect(failure?.example).toMatch(/CONNECT/)
    expect(events).toEqual(['failure'])
    expect(connected).toBe(1)
  })

  test('tells that a refused request was not processed, whatever its method, and sends it again when it is asked to', async () => {
    const { url } = await http2Server((stream, _headers, ordinal) => {
      if (ordinal === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM)
      else ok(stream)
    })
    const pool = poolTo(url)
    const seen = new Seen()
    seen.onFailing = () => {
      seen.exchange.resend()
      return true
    }
    seen.exchange = pool.send({ ...GET, method: 'POST' }, seen)
    const { events, isUnprocessed, text } = await seen.ended
    expect(isUnprocessed).toBe(true)
    expect(events).toEqual(['send', 'failure', 'send', 'head', 'end'])
    expect(text).toBe('ok')
  })

  test('opens another connection after a GOAWAY, and ends what was under way on the old one', async () => {
    const held: ServerHttp2Stream[] = []
    const { url } = await http2Server(stream => held.push(stream))
    const pool = poolTo(url)
    const old = send(pool)
    await expect.poll(() => held.length).toBe(1)
    held[0]!.session!.goaway(constants.NGHTTP2_NO_ERROR)
    await expect.poll(() => pool.connections).toBe(0)
    const young = send(pool)
    await expect.poll(() => held.length).toBe(2)
    expect(held[1]!.session).not.toBe(held[0]!.session)
    held.forEach(ok)
    expect([(await old.ended).text, (await young.ended).text]).toEqual(['ok', 'ok'])
  })

  test('hears nothing after it was aborted, and leaves the others on the connection alone', async () => {
    const held: ServerHttp2Stream[] = []
    const { url } = await http2Server(stream => held.push(stream))
    const pool = poolTo(url)
    const aborted = send(pool)
    const other = send(pool)
    await expect.poll(() => held.length).toBe(2)
    aborted.exchange.abort()
    await expect.poll(() => held[0]!.closed).toBe(true)
    ok(held[1]!)
    expect((await other.ended).text).toBe('ok')
    expect(aborted.events).toEqual(['send'])
    expect(pool.connections).toBe(1)
  })

  test('receives nothing while it is paused, and a large body whole in the end', async () => {
    const large = 'a'.repeat(3_000_000)
    const { url } = await http2Server(stream => {
      stream.respond({ ':status': 200 })
      stream.end(large)
    })
    const seen = send(poolTo(url))
    await expect.poll(() => seen.text.length).toBeGreaterThan(0)
    seen.exchange.pause()
    const before = seen.text.length
    await systemClock.sleep(100)
    // What was on its way to this process may still come.
    expect(seen.text.length - before).toBeLessThan(200_000)
    seen.exchange.resume()
    expect((await seen.ended).text).toBe(large)
  })

  test('fails as silent when the server is silent for too long', async () => {
    const { url } = await http2Server(() => {})
    const { failure } = await send(poolTo(url), { silenceMs: 100 }).ended
    expect(failure?.reason).toBe('silent')
  })

  test('fails where the server does not offer it, and says what to do', async () => {
    const { url } = await httpsServer(certified)
    const { failure, events } = await send(poolTo(url)).ended
    expect(failure?.reason).toBe('tls')
    expect(events).toEqual(['failure'])
  })

  test('fails requests under way and waiting as interrupted when its pool is destroyed', async () => {
    const held: ServerHttp2Stream[] = []
    const { url } = await http2Server(stream => held.push(stream))
    const pool = poolTo(url, { connections: 1, mostStreams: 1 })
    const both = [send(pool), send(pool)]
    await expect.poll(() => held.length).toBe(1)
    await pool.destroy()
    for (const each of both) expect((await each.ended).failure?.reason).toBe('interrupted')
    expect(pool.connections).toBe(0)
  })
})
