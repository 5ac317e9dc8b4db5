import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { type ConnectionTimes, Connector } from '../../harness/client/engine/connector.ts'
import {
  type ConnectionPool,
  type Engine,
  type EngineExchange,
  type EngineRequest,
  type ExchangeListener,
  LARGEST_HEAD_BYTES,
  type ResponseHead,
  type ResponseHeaders,
} from '../../harness/client/engine/engine.ts'
import type { Network } from '../../harness/client/engine/network.ts'
import type { ExchangeFailure } from '../../harness/client/engine/failure.ts'
import { DEFAULT_ENGINE, engineNames } from '../../harness/client/engine/engine-names.ts'
import { createEngine } from '../../harness/client/engine/engines.ts'
import { certifiedHost, httpsServer } from '../support/tls-server.ts'
import { freePort } from '../support/free-port.ts'
import { fieldOf, OK, type RawRequest, rawServer } from '../support/raw-server.ts'
import { slowServer } from '../support/slow-handshake.ts'

/** The contract of every HTTP engine, over real sockets. */
const engines: {
  name: string
  create: (options: { withinMs?: number; network?: Network; onConnected?: (times: ConnectionTimes) => void }) => Engine
}[] = [
  ...engineNames.map(name => ({ name, engine: name, version: '1.1' as const })),
  { name: 'of HTTP/2, where the server speaks HTTP/1.1', engine: DEFAULT_ENGINE, version: 'auto' as const },
].map(({ name, engine, version }) => ({
  name,
  create: ({ withinMs, network, onConnected }) => {
    const connector = new Connector({ clock: systemClock, withinMs, network })
    return createEngine(engine, { clock: systemClock, connector, onConnected, version })
  },
}))

const GET: EngineRequest = { method: 'GET', path: '/', headers: {}, body: null }

/** Records the events of one exchange. */
class Listener implements ExchangeListener {
  /** Names of the events, with adjacent data merged. */
  readonly events: string[] = []
  status = 0
  headers: ResponseHeaders = {}
  failure: ExchangeFailure | undefined
  crossedClose: boolean | undefined
  exchange!: EngineExchange
  receivedBytes = 0
  /** Resolves with the end, or the failure. */
  readonly ended: Promise<this>
  onFailing: () => boolean = () => false
  onChunk: () => void = () => {}
  readonly #chunks: Buffer[] = []
  readonly #head = Promise.withResolvers<this>()
  readonly #end = Promise.withResolvers<this>()

  constructor() {
    this.ended = this.#end.promise
  }

  get head(): Promise<this> {
    return this.#head.promise
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }

  onSend(): void {
    this.events.push('send')
  }

  onHead(status: number, { headers }: ResponseHead): void {
    this.events.push('head')
    this.status = status
    this.headers = headers
    this.#head.resolve(this)
  }

  onData(chunk: Buffer): void {
    if (this.events.at(-1) !== 'data') this.events.push('data')
    this.#chunks.push(Buffer.from(chunk))
    this.receivedBytes += chunk.length
    this.onChunk()
  }

  onEnd(): void {
    this.events.push('end')
    this.#end.resolve(this)
  }

  onFailure(failure: ExchangeFailure): void {
    this.events.push('failure')
    this.failure = failure
    // It may fail before it is sent.
    this.crossedClose = (this.exchange as EngineExchange | undefined)?.crossedClose
    if (!this.onFailing()) this.#end.resolve(this)
  }
}

function send(connections: Pick<ConnectionPool, 'send'>, request: Partial<EngineRequest> = {}): Listener {
  const listener = new Listener()
  listener.exchange = connections.send({ ...GET, ...request }, listener)
  return listener
}

/** Tells whether the client has closed the connection of a request. */
function isOver({ socket }: RawRequest): boolean {
  return socket.readableEnded || socket.destroyed
}

/** Pauses a response after 100,000 bytes, and waits until no more could come. Returns how to resume it. */
async function pausedOnTheWay(listener: Listener): Promise<() => void> {
  let paused = false
  listener.onChunk = () => {
    expect(paused).toBe(false)
    if (listener.receivedBytes < 100_000) return
    listener.onChunk = () => expect(paused).toBe(false)
    paused = true
    listener.exchange.pause()
  }
  await expect.poll(() => paused, { timeout: 5000 }).toBe(true)
  await settle()
  return () => {
    paused = false
    listener.exchange.resume()
  }
}

/** Waits until everything in transit over the loopback has arrived. */
function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 100))
}

const NO_LENGTH = 'HTTP/1.1 200 OK\r\n\r\n'
const chunked = (...chunks: string[]) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}`

describe.each(engines)('the engine $name', ({ create }) => {
  function poolTo(url: string, connections?: number): ConnectionPool {
    const pool = create({}).pool(url, connections)
    onTestFinished(() => pool.destroy())
    return pool
  }

  /** The two ways to send a request. */
  const ways: Record<string, (url: string) => Pick<ConnectionPool, 'send'>> = {
    'from a pool': poolTo,
    alone: url => ({ send: (request, listener) => create({}).sendAlone(url, request, listener) }),
  }

  describe.each(Object.entries(ways))('sends a request %s', (_way, to) => {
    test('with its method, path and headers unchanged', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      const body = Buffer.from([0, 1, 127, 128, 255])
      const headers = { 'x-bytes': 'caf\u00c3\u00a9', 'content-type': 'text/plain' }
      const listener = await send(to(url), { method: 'POST', path: '/a%20b?c=d&e', headers, body }).ended
      const [request] = seen as [RawRequest]
      expect(request.line).toBe('POST /a%20b?c=d&e HTTP/1.1')
      expect(fieldOf(request, 'x-bytes')).toBe('café')
      expect(fieldOf(request, 'content-length')).toBe('5')
      expect(listener.events).toEqual(['send', 'head', 'data', 'end'])
      expect(listener.text).toBe('ok')
    })

    const whole: Record<string, [answer: string, text: string]> = {
      'of an announced length': [OK, 'ok'],
      'in chunks': [`${chunked('one', ' and ', 'two')}0\r\n\r\n`, 'one and two'],
      'that is empty': ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
      'that cannot be, after a 204': ['HTTP/1.1 204 No Content\r\n\r\n', ''],
    }

    test.each(Object.entries(whole))('and receives a body %s', async (_what, [answer, text]) => {
      const { url } = await rawServer(({ socket }) => socket.write(answer))
      const listener = await send(to(url)).ended
      expect(listener.failure).toBeUndefined()
      expect(listener.text).toBe(text)
    })

    test('and receives a body that ends with the connection', async () => {
      const { url } = await rawServer(({ socket }) => socket.end(`${NO_LENGTH}until the end`))
      const listener = await send(to(url)).ended
      expect(listener.failure).toBeUndefined()
      expect(listener.text).toBe('until the end')
    })

    test('and expects no body after a HEAD', async () => {
      const { url } = await rawServer(({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'))
      const listener = await send(to(url), { method: 'HEAD' }).ended
      expect(listener.events).toEqual(['send', 'head', 'end'])
      expect(listener.headers['content-length']).toBe('1000')
    })

    test('and receives the head with names in lower case and repeated fields as an array', async () => {
      const { url } = await rawServer(({ socket }) =>
        socket.write(
          'HTTP/1.1 418 Teapot\r\nX-One: A b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
        ),
      )
      const listener = await send(to(url)).ended
      expect(listener.status).toBe(418)
      expect(listener.headers).toMatchObject({ 'x-one': 'A b', 'set-cookie': ['a=1', 'b=2'] })
    })

    test('and reports one head and no interim response, however the bytes are split', async () => {
      const answer = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`
      const { url } = await rawServer(({ socket }) => {
        socket.setNoDelay(true)
        const writeFrom = (at: number): void => {
          if (at < answer.length) socket.write(answer.slice(at, at + 7), () => setImmediate(writeFrom, at + 7))
        }
        writeFrom(0)
      })
      const listener = await send(to(url)).ended
      expect(listener.events).toEqual(['send', 'head', 'data', 'end'])
      expect(listener.headers).not.toHaveProperty('link')
    })

    test('and receives a head as long as browsers accept', async () => {
      const long = 'a'.repeat(LARGEST_HEAD_BYTES - 1000)
      const { url } = await rawServer(({ socket }) =>
        socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${long}\r\nContent-Length: 0\r\n\r\n`),
      )
      const listener = await send(to(url)).ended
      expect(listener.failure).toBeUndefined()
      expect(listener.headers['x-long']).toBe(long)
    })

    const brokenBeforeHead: Record<string, [(request: RawRequest) => void, ExchangeFailure['reason']]> = {
      'the server closes the connection': [({ socket }) => socket.end(), 'closed'],
      'the server resets the connection': [({ socket }) => socket.resetAndDestroy(), 'reset'],
      'the server closes within the head': [({ socket }) => socket.end('HTTP/1.1 200 OK\r\nX-'), 'closed'],
      'the answer is no HTTP': [({ socket }) => socket.write('SSH-2.0-OpenSSH_9.0\r\n'), 'protocol'],
      'the head has no end': [
        ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\n${'X-Long: a\r\n'.repeat(40_000)}`),
        'protocol',
      ],
      'the head announces two lengths': [
        ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'),
        'protocol',
      ],
      'interim responses do not end': [
        ({ socket }) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)),
        'protocol',
      ],
      'the server switches protocols': [
        ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'),
        'protocol',
      ],
    }

    test.each(Object.entries(brokenBeforeHead))(
      'and fails once, without a head, when %s',
      async (_how, [end, reason]) => {
        const { url } = await rawServer(end)
        const listener = await send(to(url)).ended
        await settle()
        expect(listener.failure?.reason).toBe(reason)
        expect(listener.failure?.example).not.toBe('')
        expect(listener.events).toEqual(['send', 'failure'])
      },
    )

    const brokenBody: Record<string, (request: RawRequest) => void> = {
      'of an announced length': ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'),
      'in chunks': ({ socket }) => socket.end(chunked('abc')),
    }

    test.each(Object.entries(brokenBody))(
      'and fails when a body %s is cut off, with what came of it',
      async (_how, end) => {
        const { url } = await rawServer(end)
        const listener = await send(to(url)).ended
        expect(listener.failure?.reason).toBe('closed')
        expect(listener.text).toBe('abc')
        expect(listener.events).toEqual(['send', 'head', 'data', 'failure'])
      },
    )

    test('and fails as reset when the connection is reset within the body', async () => {
      const { url } = await rawServer(({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
        setTimeout(() => socket.resetAndDestroy(), 50)
      })
      const listener = await send(to(url)).ended
      expect(listener.failure?.reason).toBe('reset')
      expect(listener.text).toBe('abc')
    })

    test.each([
      ['before the head', ''],
      ['within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ])('and fails as silent when the server is silent for too long %s', async (_when, bytes) => {
      const { url } = await rawServer(({ socket }) => socket.write(bytes))
      const listener = await send(to(url), { silenceMs: 200 }).ended
      expect(listener.failure?.reason).toBe('silent')
    })

    test('and fails as refused where nothing listens', async () => {
      const listener = await send(to(`http://127.0.0.1:${await freePort()}`)).ended
      expect(listener.failure?.reason).toBe('refused')
      expect(listener.events).toEqual(['failure'])
    })

    test('and hears nothing after it was aborted while it waits for the response', async () => {
      const { url, seen } = await rawServer(() => {})
      const listener = send(to(url))
      await expect.poll(() => seen.length).toBe(1)
      listener.exchange.abort()
      listener.exchange.abort()
      await expect.poll(() => isOver(seen[0]!)).toBe(true)
      seen[0]!.socket.destroy()
      await settle()
      expect(listener.events).toEqual(['send'])
    })

    test('and hears nothing after it was aborted within the body', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(`${NO_LENGTH}abc`))
      const listener = send(to(url))
      listener.onChunk = () => listener.exchange.abort()
      await listener.head
      await expect.poll(() => isOver(seen[0]!)).toBe(true)
      await settle()
      expect(listener.events).toEqual(['send', 'head', 'data'])
    })

    test('and hears no more than its failure when it is aborted from that', async () => {
      const { url } = await rawServer(({ socket }) => socket.end())
      const listener = send(to(url))
      listener.onFailing = () => {
        listener.exchange.abort()
        return false
      }
      await listener.ended
      await settle()
      expect(listener.events).toEqual(['send', 'failure'])
    })

    test('and receives nothing while it is paused, and a large body whole in the end', async () => {
      const bytes = 16 * 1024 * 1024
      const { url, seen } = await rawServer(({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`)
        for (let sent = 0; sent < bytes; sent += 65_536) socket.write(Buffer.alloc(65_536, sent / 65_536))
      })
      const listener = send(to(url))
      const resume = await pausedOnTheWay(listener)
      // The server has to hold back the rest.
      expect(seen[0]!.socket.writableLength).toBeGreaterThan(0)
      resume()
      await listener.ended
      expect(listener.failure).toBeUndefined()
      expect(listener.receivedBytes).toBe(bytes)
      expect(listener.text.charCodeAt(bytes - 1)).toBe((bytes / 65_536 - 1) % 256)
    })

    test.each<[string, (body: Buffer) => Partial<EngineRequest>]>([
      ['in one piece', body => ({ body })],
      [
        'in several pieces',
        body => ({
          body: [body.subarray(0, 10), body.subarray(10, 1_500_000), body.subarray(1_500_000)],
          headers: { 'content-length': String(body.length) },
        }),
      ],
    ])('with a large body %s, byte for byte, to a server that reads it slowly', async (_how, requestWith) => {
      const body = Buffer.from(Array.from({ length: 2 * 1024 * 1024 }, (_, index) => (index * 31) % 256))
      const received: Buffer[] = []
      const readSlowly = async (request: IncomingMessage, response: ServerResponse) => {
        for await (const chunk of request) {
          received.push(chunk as Buffer)
          await new Promise(resolve => setImmediate(resolve))
        }
        response.end()
      }
      const server = createServer((request, response) => void readSlowly(request, response))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      onTestFinished(() => {
        server.closeAllConnections()
        server.close()
      })
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const listener = await send(to(url), { method: 'PUT', ...requestWith(body) }).ended
      expect(listener.failure).toBeUndefined()
      expect(Buffer.concat(received).equals(body)).toBe(true)
    })

    test('that has no body but a method for one, with a length of 0', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      await send(to(url), { method: 'POST' }).ended
      await send(to(url), { method: 'GET' }).ended
      expect(seen.map(request => fieldOf(request, 'content-length'))).toEqual(['0', undefined])
    })

    test('with the host of its origin, unless it has another one, and each field once', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      await send(to(url)).ended
      await send(to(url), { headers: { host: 'example.org' } }).ended
      await send(to(url), { method: 'POST', headers: { 'content-length': '4' }, body: Buffer.from('body') }).ended
      expect(seen.map(request => fieldOf(request, 'host'))).toEqual([
        new URL(url).host,
        'example.org',
        new URL(url).host,
      ])
      for (const { head } of seen) {
        const names = head.split('\r\n').map(line => line.split(':')[0]!.toLowerCase())
        expect(new Set(names).size, head).toBe(names.length)
      }
    })

    test('with the fields that it shares with others', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      const shared = { 'user-agent': 'test', 'x-run': '1' }
      for (const key of ['a', 'b']) await send(to(url), { shared, headers: { 'x-key': key } }).ended
      for (const name of ['user-agent', 'x-run', 'x-key'])
        expect(
          seen.map(request => fieldOf(request, name)),
          name,
        ).toHaveLength(2)
      expect(seen.map(request => fieldOf(request, 'x-key'))).toEqual(['a', 'b'])
      expect(seen.map(request => fieldOf(request, 'x-run'))).toEqual(['1', '1'])
    })

    test.each(['x\r\nInjected: 1', 'x\nInjected: 1', 'x\0'])('and sends nothing of a field %j', async value => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      const listener = await send(to(url), { headers: { 'x-key': value } }).ended
      expect(listener.failure).toBeDefined()
      expect(seen).toHaveLength(0)
    })

    const wholes: Record<string, string> = {
      'of an announced length': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde',
      'in chunks': `${chunked('abc', 'de')}0\r\nX: y\r\n\r\n`,
    }

    describe.each(Object.entries(wholes))('and receives a response %s', (_what, bytes) => {
      test.each([
        ['a FIN', (socket: Socket) => socket.end()],
        ['a RST', (socket: Socket) => socket.resetAndDestroy()],
      ])('that %s cuts off at any byte as no complete one', async (_how, end) => {
        const { url } = await rawServer(({ line, socket }) => {
          const count = Number(line.split('/')[1]!.split(' ')[0])
          if (count === 0) end(socket)
          else socket.write(bytes.slice(0, count), () => setTimeout(end, 20, socket))
        })
        const way = to(url)
        const listeners = Array.from(bytes, (_, count) => send(way, { path: `/${count}` }))
        for (const [count, { ended }] of listeners.entries()) {
          const { failure, text, events } = await ended
          expect(['closed', 'reset'], `after ${count} bytes`).toContain(failure?.reason)
          expect('abcde'.startsWith(text), `after ${count} bytes: ${text}`).toBe(true)
          expect(events.filter(event => event === 'failure' || event === 'end')).toEqual(['failure'])
        }
      })
    })

    test('and receives what the server still sends after its own side is closed', async () => {
      const { url, seen } = await rawServer(({ socket }) => {
        socket.write(`${NO_LENGTH}before`)
        socket.once('end', () => socket.end(', after'))
      })
      const listener = send(to(url))
      await listener.head
      listener.exchange.finishSending()
      await listener.ended
      expect(listener.failure).toBeUndefined()
      expect(listener.text).toBe('before, after')
      expect(seen).toHaveLength(1)
    })

    test('and fails as not connected in time where the server does not take the connection', async () => {
      const { port, block } = await slowServer()
      await block()
      const engine = create({ withinMs: 200 })
      const pool = engine.pool(`http://127.0.0.1:${port}`)
      onTestFinished(() => pool.destroy())
      const listener = await send(pool).ended
      expect(listener.failure?.reason).toBe('connect_timeout')
      expect(listener.events).toEqual(['failure'])
    })
  })

  describe('has pools that', () => {
    test('keep a connection for the next request', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      const pool = poolTo(url)
      for (let request = 0; request < 3; request += 1) {
        await send(pool).ended
        await settle()
      }
      expect(seen.map(({ connection, ordinal }) => [connection, ordinal])).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ])
      expect(pool.connections).toBe(1)
    })

    test('tell how long each connection took to open, once for all of its requests', async () => {
      const { url } = await rawServer(({ socket }) => socket.write(OK))
      const opened: number[] = []
      const pool = create({ onConnected: ({ tookMs }) => opened.push(tookMs) }).pool(url)
      onTestFinished(() => pool.destroy())
      for (let request = 0; request < 3; request += 1) {
        await send(pool).ended
        await settle()
      }
      expect(opened).toHaveLength(1)
      expect(opened[0]).toBeGreaterThanOrEqual(0)
      const nowhere = create({ onConnected: ({ tookMs }) => opened.push(tookMs) }).pool(
        `http://127.0.0.1:${await freePort()}`,
      )
      onTestFinished(() => nowhere.destroy())
      expect((await send(nowhere).ended).failure?.reason).toBe('refused')
      expect(opened).toHaveLength(1)
    })

    test('open a new connection after one that the server closes', async () => {
      const { url, seen } = await rawServer(({ socket }) =>
        socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'),
      )
      const pool = poolTo(url)
      for (let request = 0; request < 2; request += 1) expect((await send(pool).ended).text).toBe('ok')
      expect(seen.map(({ connection }) => connection)).toEqual([1, 2])
    })

    test('open as many connections as there are requests, one request at a time on each', async () => {
      const { url, seen } = await rawServer(() => {})
      const pool = poolTo(url)
      const listeners = Array.from({ length: 10 }, () => send(pool))
      await expect.poll(() => seen.length).toBe(10)
      expect(new Set(seen.map(({ connection }) => connection)).size).toBe(10)
      expect(pool.connections).toBe(10)
      for (const { socket } of seen) socket.write(OK)
      await Promise.all(listeners.map(({ ended }) => ended))
    })

    test('open no more connections than they may, and let requests wait', async () => {
      const { url, seen } = await rawServer(() => {})
      const pool = poolTo(url, 2)
      const listeners = Array.from({ length: 4 }, () => send(pool))
      await expect.poll(() => seen.length).toBe(2)
      await settle()
      expect(listeners.filter(({ events }) => events.length > 0)).toHaveLength(2)
      seen[0]!.socket.write(OK)
      await expect.poll(() => seen.length).toBe(3)
      expect(seen[2]!.connection).toBe(seen[0]!.connection)
    })

    test('never write a request that was aborted while it waited', async () => {
      const { url, seen } = await rawServer(({ line, socket }) => line.includes('/first') || socket.write(OK))
      const pool = poolTo(url, 1)
      const first = send(pool, { path: '/first' })
      const aborted = send(pool, { path: '/aborted' })
      const last = send(pool, { path: '/last' })
      await expect.poll(() => seen.length).toBe(1)
      aborted.exchange.abort()
      seen[0]!.socket.write(OK)
      await Promise.all([first.ended, last.ended])
      expect(seen.map(({ line }) => line.split(' ')[1])).toEqual(['/first', '/last'])
      expect(aborted.events).toEqual([])
    })

    const excess: Record<string, string> = {
      'another response': 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled',
      'more of a body': 'smuggled',
      'an interim response': 'HTTP/1.1 103 Early Hints\r\n\r\n',
    }

    describe.each(Object.entries(excess))('take %s that nobody asked for', (_what, bytes) => {
      test.each([
        ['with the response', 0],
        ['a moment later', 50],
      ])('for no answer to the next request, when it comes %s', async (_when, afterMs) => {
        const written = Promise.withResolvers<void>()
        const { url, seen } = await rawServer(({ socket, line }) => {
          const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${line.length}\r\n\r\n${line}`
          if (!line.includes('/first')) socket.write(answer)
          else if (afterMs === 0) socket.write(answer + bytes, () => written.resolve())
          else socket.write(answer, () => setTimeout(() => socket.write(bytes, () => written.resolve()), afterMs))
        })
        const pool = poolTo(url, 1)
        const first = await send(pool, { path: '/first' }).ended
        expect(first.text).toBe('GET /first HTTP/1.1')
        await written.promise
        await settle()
        const second = await send(pool, { path: '/second' }).ended
        expect(second.text).toBe('GET /second HTTP/1.1')
        expect(seen.map(({ connection }) => connection)).toEqual([1, 2])
        await expect.poll(() => isOver(seen[0]!)).toBe(true)
      })
    })

    test('use no connection again that a server closes without a word, not even for a request that waits', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.end(OK))
      const pool = poolTo(url, 2)
      const listeners = Array.from({ length: 20 }, () => send(pool, { method: 'POST', body: Buffer.from('once') }))
      await Promise.all(listeners.map(({ ended }) => ended))
      expect(listeners.map(({ failure }) => failure)).toEqual(listeners.map(() => undefined))
      expect(seen.every(({ ordinal }) => ordinal === 1)).toBe(true)
    })

    test('close connections that the server promises to keep for no longer than a request takes', async () => {
      const { url, seen } = await rawServer(({ socket }) =>
        socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'),
      )
      const pool = poolTo(url, 1)
      for (let request = 0; request < 2; request += 1) await send(pool).ended
      expect(seen.map(({ connection }) => connection)).toEqual([1, 2])
    })

    test('close a connection whose request says so', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
      const pool = poolTo(url, 1)
      for (let request = 0; request < 2; request += 1) await send(pool, { headers: { connection: 'close' } }).ended
      expect(seen.map(({ connection }) => connection)).toEqual([1, 2])
      expect(fieldOf(seen[0]!, 'connection')).toBe('close')
    })

    test('use the connection of a response without a body again', async () => {
      const { url, seen } = await rawServer(({ socket }) => socket.write('HTTP/1.1 304 Not Modified\r\n\r\n'))
      const pool = poolTo(url, 1)
      for (let request = 0; request < 2; request += 1) {
        expect((await send(pool).ended).status).toBe(304)
        await settle()
      }
      expect(seen.map(({ connection }) => connection)).toEqual([1, 1])
    })

    test('complete the requests under way when they are closed', async () => {
      const { url, seen } = await rawServer(() => {})
      const pool = poolTo(url)
      const listener = send(pool)
      await expect.poll(() => seen.length).toBe(1)
      const closed = pool.close()
      seen[0]!.socket.write(OK)
      await closed
      expect(listener.events).toEqual(['send', 'head', 'data', 'end'])
    })

    test('fail the requests under way as interrupted when they are destroyed', async () => {
      const { url, seen } = await rawServer(() => {})
      const pool = poolTo(url, 1)
      const [sent, waiting] = [send(pool), send(pool)]
      await expect.poll(() => seen.length).toBe(1)
      await pool.destroy()
      expect((await sent.ended).failure?.reason).toBe('interrupted')
      expect((await waiting.ended).failure?.reason).toBe('interrupted')
    })
  })

  test('speaks TLS: it keeps the connection, and a body that is paused in between comes whole', async () => {
    const { authority, server: certified } = certifiedHost()
    const { url, server, resumed } = await httpsServer({ key: certified.key, cert: certified.cert })
    const bytes = 8 * 1024 * 1024
    server.removeAllListeners('request').on('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.end(Buffer.alloc(bytes, 'abc'))
    })
    const pool = create({ network: { tls: { ca: authority.cert } } }).pool(url, 1)
    onTestFinished(() => pool.destroy())
    for (let request = 0; request < 2; request += 1) {
      const listener = send(pool)
      const resume = await pausedOnTheWay(listener)
      resume()
      await listener.ended
      expect(listener.failure).toBeUndefined()
      expect(listener.receivedBytes).toBe(bytes)
      expect(listener.text.slice(-2)).toBe('ab')
    }
    expect(resumed, 'connections').toHaveLength(1)
  })

  test('ends a connection with the request that has it alone', async () => {
    const { url, seen } = await rawServer(({ socket }) => socket.write(OK))
    const alone = ways['alone']!(url)
    for (let request = 0; request < 2; request += 1) await send(alone).ended
    expect(seen.map(({ connection }) => connection)).toEqual([1, 2])
    await expect.poll(() => seen.every(isOver)).toBe(true)
  })

  const ends: Record<string, (request: RawRequest) => void> = {
    'a FIN': ({ socket }) => socket.end(),
    'a RST': ({ socket }) => socket.resetAndDestroy(),
  }

  describe.each(Object.entries(ends))('tells of a kept connection that ends with %s', (_how, end) => {
    test('that the request crossed its end, where nothing came of a response', async () => {
      const { url } = await rawServer(request => (request.ordinal === 1 ? request.socket.write(OK) : end(request)))
      const pool = poolTo(url, 1)
      const first = await send(pool).ended
      const second = await send(pool).ended
      expect(first.crossedClose).toBeUndefined()
      expect(second.crossedClose).toBe(true)
    })

    test('that it did not, on a connection that had served none', async () => {
      const { url } = await rawServer(end)
      expect((await send(poolTo(url, 1)).ended).crossedClose).toBe(false)
    })

    test('that it did not, once a byte of the response had come', async () => {
      const { url } = await rawServer(request => {
        if (request.ordinal === 1) request.socket.write(OK)
        else request.socket.write('H', () => setTimeout(() => end(request), 50))
      })
      const pool = poolTo(url, 1)
      await send(pool).ended
      expect((await send(pool).ended).crossedClose).toBe(false)
    })

    test('so that it can be resent to the last byte, before any request that waits', async () => {
      const { url, seen } = await rawServer(request =>
        request.connection === 1 && request.ordinal === 2 ? end(request) : request.socket.write(OK),
      )
      const pool = poolTo(url, 1)
      await send(pool, { path: '/first' }).ended
      const crossed = send(pool, { path: '/crossed', headers: { 'x-key': '7' } })
      const waiting = send(pool, { path: '/waiting' })
      crossed.onFailing = () => {
        crossed.onFailing = () => false
        crossed.exchange.resend()
        return true
      }
      await Promise.all([crossed.ended, waiting.ended])
      expect(crossed.events).toEqual(['send', 'failure', 'send', 'head', 'data', 'end'])
      expect(seen.map(({ line, connection }) => [line.split(' ')[1], connection])).toEqual([
        ['/first', 1],
        ['/crossed', 1],
        ['/crossed', 2],
        ['/waiting', 2],
      ])
      expect(seen[2]!.head).toBe(seen[1]!.head)
    })
  })
})
