import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Clock, systemClock } from '../../../../../../core/clock.ts'
import { clientOf, closedPort, createUser, listen } from '../../support.ts'
import { serveRaw } from '../../raw-server.ts'
import { answering, nextMessage, serveSockets, until } from './server.ts'

const echo = answering(frame => ({ ...frame, answers: true }))

describe('opening a socket', () => {
  test('sends the identity, the run, the token, the query and the protocols', async () => {
    const seen: Record<string, unknown>[] = []
    const { ws, auth, session } = await serveSockets((_socket, request) => {
      seen.push({ url: request.url, ...request.headers })
    })
    auth.bearer('my-token')
    await ws.open('/ws/chat?a=1', { query: { b: 'x y', c: 2 }, headers: { 'X-Own': 'mine' } })
    await ws.open('/ws/chat', { headers: { Authorization: 'Bearer other' } })
    expect(seen[0]).toMatchObject({
      url: '/ws/chat?a=1&b=x+y&c=2',
      authorization: 'Bearer my-token',
      'x-loadcell-run': 'run-1',
      'x-loadcell-exchange': '7/shopper-0/0',
      'user-agent': 'loadcell/1.2.3',
      'x-own': 'mine',
    })
    expect(seen[0]).not.toHaveProperty('sec-websocket-extensions')
    expect(seen[1]).toMatchObject({ authorization: 'Bearer other', 'x-loadcell-exchange': '7/shopper-0/1' })
    await session.holdings.releaseAll()
  })

  test('is measured, and is a request that is recorded once it has ended, with the bytes of its frames', async () => {
    const { ws, recorder, client } = await serveSockets(echo)
    const socket = await ws.open('/ws/chat')
    expect(client.sockets.now).toBe(1)
    expect(recorder.requests).toEqual([])
    await socket.request({ id: 1 }, { id: 1 })
    await socket.send('"text"')
    await socket.receive()
    const closing = await socket.close()
    expect(closing).toEqual({ code: 1000, reason: '', name: 'normal', clean: true })
    expect(socket.closed).toBe(closing)
    expect(client.sockets.now).toBe(0)
    const tags = { name: '/ws/chat', operation: 'sockets.chat', user: 'shopper', transport: 'ws' }
    expect(recorder.of('ws_sessions')).toEqual([expect.objectContaining({ tags, value: 1 })])
    expect(recorder.of('ws_connecting')).toHaveLength(1)
    expect(recorder.of('ws_session_duration')).toMatchObject([{ tags: { ...tags, reason: 'end', status: '1000' } }])
    expect({
      wsMsgsSent: recorder.sum('ws_msgs_sent'),
      wsMsgsReceived: recorder.sum('ws_msgs_received'),
    }).toEqual({ wsMsgsSent: 2, wsMsgsReceived: 2 })
    expect(recorder.requests).toMatchObject([
      {
        tags: { name: '/ws/chat', operation: 'sockets.chat' },
        status: 101,
        stream: true,
        sentBytes: '{"id":1}"text"'.length,
        receivedBytes: '{"id":1,"answers":true}'.length + '{"0":"t","1":"e","2":"x","3":"t","answers":true}'.length,
      },
    ])
    expect(recorder.requests[0]?.failure).toBeUndefined()
    expect(recorder.failures).toEqual([])
  })

  test('a refusal throws an error that quotes the response', async () => {
    const { ws, recorder } = await serveSockets(() => {}, {
      gate: () => ({ status: 403, body: '{"code":"insufficient_scope"}' }),
    })
    await expect(ws.open('/ws/chat', { reconnect: true })).rejects.toThrow(
      'cannot follow /ws/chat: status 403: {"code":"insufficient_scope"}',
    )
    expect(recorder.requests).toMatchObject([{ status: 403, failure: { reason: 'status' }, stream: true }])
    expect(recorder.requests[0]?.receivedBytes).toBe('{"code":"insufficient_scope"}'.length)
  })

  test('a redirect is not followed, and says where it leads', async () => {
    const { ws, recorder } = await serveSockets(() => {}, {
      gate: () => ({ status: 302, headers: { location: 'https://127.0.0.1/ws' } }),
    })
    await expect(ws.open('/ws', { reconnect: true })).rejects.toThrow(
      'cannot follow /ws: status 302: redirected to https://127.0.0.1/ws, which no WebSocket handshake follows',
    )
    expect(recorder.requests).toMatchObject([{ status: 302, failure: { reason: 'redirect' } }])
  })

  test('a refusal without an end is cut off', async () => {
    const url = await serveRaw((_head, socket) => {
      socket.write('HTTP/1.1 500 Broken\r\n\r\n')
      const more = () => {
        while (!socket.destroyed) if (!socket.write('broken '.repeat(1000))) return void socket.once('drain', more)
      }
      more()
    })
    const { ws, recorder } = createUser(clientOf(url))
    await expect(ws.open('/ws')).rejects.toThrow('cannot follow /ws: status 500: broken broken')
    expect(recorder.requests[0]?.receivedBytes).toBeLessThan(1024 * 1024)
  })

  test('a response that is not a handshake throws an error, and so does a closed port', async () => {
    const { ws, recorder } = await serveSockets(() => {}, {
      gate: () => ({
        status: 101,
        headers: { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-accept': 'wrong' },
      }),
    })
    await expect(ws.open('/')).rejects.toThrow('cannot follow /: Invalid Sec-WebSocket-Accept header')
    expect(recorder.requests).toMatchObject([{ status: 0, failure: { reason: 'protocol' } }])
    const other = createUser(clientOf(`http://127.0.0.1:${await closedPort()}`))
    await expect(other.ws.open('/')).rejects.toThrow('ECONNREFUSED')
    expect(other.recorder.requests).toMatchObject([{ status: 0, failure: { reason: 'refused' } }])
  })

  test('a handshake without a response times out', async () => {
    const silent = createServer()
    silent.on('upgrade', () => {})
    const { ws, recorder } = createUser(clientOf(await listen(silent)))
    await expect(ws.open('/', { timeout: '60ms' })).rejects.toThrow('no complete response within 60 ms')
    expect(recorder.requests).toMatchObject([{ status: 0, failure: { reason: 'timeout' } }])
  })

  test.each([
    [{ jitter: 2 }, 'expected a jitter of 0…1, got 2'],
    [{ readRate: '0/s' as const }, 'expected a rate such as 10/s or 6/m, got "0/s"'],
    [{ backoff: 'soon' as never }, 'soon'],
    [{ silence: 'long' }, 'long'],
    [{ protocols: 'a b' }, 'subprotocol'],
  ])('an author’s mistake throws at once: %o', async (options, message) => {
    const { ws, recorder } = await serveSockets(() => {})
    await expect(ws.open('/', options)).rejects.toThrow(message)
    expect(recorder.requests).toEqual([])
  })

  test('frames are compressed when the options ask for it', async () => {
    const { ws, recorder } = await serveSockets(
      (socket, request) =>
        socket.send(JSON.stringify({ text: 'a'.repeat(5000), offer: request.headers['sec-websocket-extensions'] })),
      { compression: true },
    )
    const socket = await ws.open('/', { compression: true })
    expect(await socket.receive()).toMatchObject({ offer: expect.stringContaining('permessage-deflate') as string })
    await socket.close()
    expect(recorder.requests[0]?.receivedBytes).toBeGreaterThan(5000)
  })
})

describe('talking over a socket', () => {
  test('a request is answered by the first frame that matches; the others are left for receive', async () => {
    const { ws, recorder } = await serveSockets(socket => {
      socket.on('message', data => {
        const { id } = JSON.parse((data as Buffer).toString()) as { id: number }
        for (const type of ['push', 'ack', 'ack']) socket.send(JSON.stringify({ type, id }))
      })
    })
    const socket = await ws.open<{ type: 'push' | 'ack'; id: number }>('/ws/chat')
    expect(await socket.request({ id: 1 }, { type: 'ack' })).toEqual({ type: 'ack', id: 1 })
    expect(
      await socket.request({ id: 2 }, frame => frame.type === 'ack' && frame.id === 2, { name: 'second' }),
    ).toEqual({
      type: 'ack',
      id: 2,
    })
    expect(await socket.receive({ type: 'push', id: 2 })).toEqual({ type: 'push', id: 2 })
    expect(await socket.receive()).toEqual({ type: 'push', id: 1 })
    expect(recorder.of('ws_req_duration').map(({ tags }) => tags.name)).toEqual(['/ws/chat', 'second'])
    expect(recorder.of('ws_req_failed').map(({ value }) => value)).toEqual([0, 0])
    await socket.close()
  })

  test('a request without an answer in time is a failure and not an exception', async () => {
    const { ws, recorder } = await serveSockets(() => {})
    const socket = await ws.open('/ws/chat')
    expect(await socket.request({}, { type: 'ack' }, { timeout: '50ms' })).toBeUndefined()
    expect(recorder.sum('ws_req_failed')).toBe(1)
    expect(recorder.of('ws_req_duration')).toEqual([])
    expect(recorder.failures).toMatchObject([{ reason: 'timeout', name: '/ws/chat' }])
    await socket.close()
  })

  test('the duration of a request counts from when it was due', async () => {
    const { ws, recorder, session } = await serveSockets(echo)
    const socket = await ws.open('/')
    session.dueAt = systemClock.now() - 5000
    await socket.request({ id: 1 }, { id: 1 })
    expect(recorder.of('ws_req_duration')[0]?.value).toBeGreaterThanOrEqual(5000)
    expect(session.dueAt).toBeUndefined()
    await socket.close()
  })

  test('options in the place of a match are an error, which says where they belong', async () => {
    const { ws, sockets } = await serveSockets(() => {})
    const socket = await ws.open('/')
    await expect(socket.receive({ timeout: '50ms' })).rejects.toThrow('receive(undefined, { timeout })')
    await expect(socket.request({ id: 1 }, { timeout: '50ms' })).rejects.toThrow('expected a match before { timeout }')
    for (const peer of sockets) peer.send('{"type":"limit","timeout":"50ms"}')
    expect(await socket.receive({ type: 'limit', timeout: '50ms' })).toBeDefined()
    await socket.close()
  })

  test('receive ends at its timeout, and takes no frame after it', async () => {
    const { ws, sockets, recorder } = await serveSockets(() => {})
    const socket = await ws.open('/')
    expect(await socket.receive({ type: 'a' }, { timeout: '50ms' })).toBeUndefined()
    expect(await socket.receive(undefined, { timeout: 0 })).toBeUndefined()
    for (const peer of sockets) peer.send('{"type":"a"}')
    expect(await socket.receive()).toEqual({ type: 'a' })
    expect(recorder.failures).toEqual([])
    await socket.close()
  })

  test('a frame that is not JSON is delivered unchanged', async () => {
    const { ws } = await serveSockets(socket => {
      socket.send('hello')
      socket.send(Buffer.from([1, 2]))
      socket.send('[1]')
    })
    const socket = await ws.open('/')
    expect([await socket.receive(), await socket.receive(), await socket.receive()]).toEqual([
      'hello',
      Buffer.from([1, 2]),
      [1],
    ])
    await socket.close()
  })

  test('strings and bytes are sent as they are, anything else as JSON', async () => {
    const got: [string, boolean][] = []
    const { ws } = await serveSockets(socket => {
      socket.on('message', (data, isBinary) => got.push([(data as Buffer).toString('latin1'), isBinary]))
    })
    const socket = await ws.open('/')
    for (const value of ['text', Buffer.from('bytes'), { a: 1 }, [1], 5, null])
      expect(await socket.send(value)).toBe(true)
    await expect(socket.send(undefined)).rejects.toThrow('expected something to send as JSON, got undefined')
    await socket.close()
    expect(got).toEqual([
      ['text', false],
      ['bytes', true],
      ['{"a":1}', false],
      ['[1]', false],
      ['5', false],
      ['null', false],
    ])
  })

  test('a ping measures the time to its pong, even behind frames that are not read', async () => {
    const { ws, recorder } = await serveSockets(socket => {
      for (let frame = 0; frame < 2000; frame += 1) socket.send(`{"frame":${frame}}`)
    })
    const socket = await ws.open('/')
    const [first, second] = await Promise.all([socket.ping(), socket.ping()])
    expect(first).toBeGreaterThan(0)
    expect(second).toBeGreaterThan(0)
    expect(recorder.of('ws_ping').map(({ value }) => value)).toEqual([first, second])
    await socket.close()
    expect(await socket.ping()).toBeUndefined()
    expect(recorder.failures).toMatchObject([{ reason: 'closed' }])
  })

  test('a pong answers all earlier pings, because a server may answer only the newest', async () => {
    const pings: Buffer[] = []
    const { ws, recorder } = await serveSockets(
      socket => {
        socket.on('ping', data => {
          pings.push(data)
          if (pings.length === 2) socket.pong(data)
        })
      },
      { autoPong: false },
    )
    const socket = await ws.open('/')
    const [first, second] = await Promise.all([socket.ping({ timeout: '20s' }), socket.ping({ timeout: '20s' })])
    expect(first).toBeGreaterThanOrEqual(second as number)
    expect(recorder.of('ws_ping')).toHaveLength(2)
    await socket.close()
  })

  test('iterating takes frame by frame until the socket is closed', async () => {
    const { ws } = await serveSockets(socket => {
      for (const id of [1, 2, 3]) socket.send(JSON.stringify({ id }))
      socket.close(1001, 'bye')
    })
    const socket = await ws.open('/')
    expect(await Array.fromAsync(socket)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(socket.closed).toEqual({ code: 1001, reason: 'bye', name: 'going_away', clean: true })
    expect(await socket.receive()).toBeUndefined()
    expect(await socket.send({})).toBe(false)
    expect(await socket.request({}, {})).toBeUndefined()
  })

  test('a sender that is faster than the server waits for it', async () => {
    const { ws, sockets } = await serveSockets(socket => socket.pause())
    const socket = await ws.open('/')
    const large = 'x'.repeat(1024 * 1024)
    let sent = 0
    const sending = (async () => {
      while (sent < 60) {
        await socket.send(large)
        sent += 1
      }
    })()
    for (let before = -1; before !== sent; ) {
      before = sent
      await systemClock.sleep(100)
    }
    expect(sent).toBeLessThan(60)
    for (const peer of sockets) peer.resume()
    await sending
    await socket.close()
  })
})

describe('a socket that breaks', () => {
  test('throws an error at receive and counts as a failure without a close frame', async () => {
    const { ws, recorder } = await serveSockets(socket => {
      socket.send('{"id":1}', () => socket.terminate())
    })
    const socket = await ws.open('/ws/chat')
    expect(await socket.receive()).toEqual({ id: 1 })
    await expect(socket.receive()).rejects.toThrow('cannot follow /ws/chat: the connection broke')
    expect(socket.closed).toMatchObject({ code: 1006, clean: false, name: 'abnormal' })
    expect(recorder.of('ws_session_duration')).toMatchObject([{ tags: { reason: 'error', status: '1006' } }])
    expect(recorder.failures).toMatchObject([{ reason: 'closed', name: '/ws/chat' }])
  })

  test('is pinged when it is silent, and without a pong counts as lost and is set up again', async () => {
    const pings: number[] = []
    let setUp = 0
    const { ws, recorder, session } = await serveSockets(
      socket => {
        const ordinal = pings.push(0) - 1
        socket.on('ping', () => (pings[ordinal]! += 1))
      },
      { autoPong: false },
    )
    await ws.open('/ws/chat', { silence: '300ms', backoff: '20ms', onOpen: () => (setUp += 1) })
    await until(() => setUp === 2)
    expect(pings[0]).toBe(1)
    expect(recorder.sum('reconnects')).toBe(1)
    expect(recorder.failures).toMatchObject([
      { reason: 'silent', name: '/ws/chat', example: 'no byte received for 600 ms' },
    ])
    expect(recorder.of('ws_session_duration')).toMatchObject([{ tags: { reason: 'error', status: '1006' } }])
    expect(recorder.of('ws_ping')).toEqual([])
    await session.holdings.releaseAll()
  })

  test('counts pongs and pings of the server as signs of life; silence: false turns the limit off', async () => {
    const pings = { asked: 0, pinging: 0, unasked: 0 }
    const { ws, recorder, session } = await serveSockets((socket, request) => {
      const who = request.url!.slice(1) as keyof typeof pings
      socket.on('ping', () => (pings[who] += 1))
      if (who !== 'pinging') return
      const timer = setInterval(() => socket.ping(), 100)
      socket.once('close', () => clearInterval(timer))
    })
    await ws.open('/asked', { silence: '1s' })
    await ws.open('/pinging', { silence: '3s' })
    await ws.open('/unasked', { silence: false })
    await until(() => pings.asked === 3)
    expect(pings).toEqual({ asked: 3, pinging: 0, unasked: 0 })
    expect(recorder.failures).toEqual([])
    expect(recorder.of('ws_ping')).toEqual([])
    await session.holdings.releaseAll()
  })

  test('does not count as silent while a slow consumer does not read it', async () => {
    const { ws, recorder, sockets } = await serveSockets(socket => {
      socket.send('{"n":1}')
      setTimeout(() => socket.send('{"n":2}'), 100)
    })
    const socket = await ws.open('/', { readRate: '20/m', silence: '400ms' })
    expect([await socket.receive(), await socket.receive()]).toEqual([{ n: 1 }, { n: 2 }])
    expect(sockets.size).toBe(1)
    await socket.close()
    expect(recorder.failures).toEqual([])
  })

  test('breaks at bytes that are not frames', async () => {
    const { ws, recorder } = await serveSockets((_socket, request) =>
      request.socket.write(Buffer.from([0xff, 0xff, 0xff])),
    )
    const socket = await ws.open('/')
    await expect(socket.receive()).rejects.toThrow('the connection broke')
    expect(socket.closed).toMatchObject({ code: 1006, clean: false })
    expect(recorder.failures).toMatchObject([{ reason: 'protocol' }])
  })

  test.each([
    [1012, 'at once'],
    [1013, 'later'],
    [1006, 'lost'],
  ])('is opened and set up again after %i (%s), if it may reconnect', async code => {
    let connections = 0
    const { ws, recorder } = await serveSockets(socket => {
      connections += 1
      const mine = connections
      socket.on('message', data => {
        socket.send(`{"echo":${(data as Buffer).toString()},"connection":${mine}}`)
        if (mine < 3) setImmediate(() => (code === 1006 ? socket.terminate() : socket.close(code)))
      })
    })
    let setUps = 0
    const socket = await ws.open('/ws/chat', {
      backoff: '10ms',
      onOpen: async socket => {
        setUps += 1
        expect(await socket.request(setUps, { echo: setUps })).toMatchObject({ echo: setUps })
      },
    })
    await until(() => setUps === 3)
    expect(await socket.request(9, { echo: 9 })).toEqual({ echo: 9, connection: 3 })
    expect(recorder.sum('reconnects')).toBe(2)
    expect(recorder.of('reconnect_duration').map(({ tags }) => tags.transport)).toEqual(['ws', 'ws'])
    expect(recorder.sum('ws_sessions')).toBe(3)
    expect(recorder.sum('ws_req_failed')).toBe(0)
    await socket.close()
    expect(connections).toBe(3)
  })

  test.each([1000, 1005, 1008, 4409, 4444])('is not reopened after a close with %i', async code => {
    let connections = 0
    const { ws, recorder } = await serveSockets(socket => {
      connections += 1
      if (code === 1005) socket.close()
      else socket.close(code)
    })
    const socket = await ws.open('/', { reconnect: true, backoff: '1ms' })
    expect(await socket.receive()).toBeUndefined()
    expect(socket.closed).toMatchObject({ code, clean: true })
    expect(connections).toBe(1)
    expect(recorder.failures).toEqual([])
  })

  test('makes senders and requests wait until it is open again', async () => {
    let connections = 0
    let refuse = false
    const { ws, sockets } = await serveSockets(
      socket => {
        connections += 1
        echo(socket)
      },
      { gate: () => (refuse ? { status: 503 } : undefined) },
    )
    const socket = await ws.open('/', { reconnect: true, backoff: '20ms', jitter: 0 })
    refuse = true
    for (const peer of sockets) peer.close(1012)
    await until(() => sockets.size === 0)
    const asked = socket.request({ id: 1 }, { id: 1 })
    const impatient = await socket.request({ id: 2 }, { id: 2 }, { timeout: '40ms' })
    refuse = false
    expect({ asked: await asked, impatient }).toEqual({ asked: { id: 1, answers: true }, impatient: undefined })
    expect(connections).toBe(2)
    await socket.close()
  })

  test('leaves the requests of the broken connection unanswered', async () => {
    const { ws, recorder } = await serveSockets(socket => socket.once('message', () => socket.close(1012)))
    const socket = await ws.open('/', { reconnect: true, backoff: '5ms' })
    expect(await socket.request({}, {})).toBeUndefined()
    expect(recorder.failures).toMatchObject([{ reason: 'closed' }])
    await socket.close()
  })

  test('replaces an expired token before it is opened again, and ends without a new token', async () => {
    const shown: unknown[] = []
    const { ws, session } = await serveSockets((socket, request) => {
      shown.push(request.headers.authorization)
      if (shown.length < 3) socket.close(4401)
    })
    let issued = 1
    session.token = {
      authorization: () => `Bearer ${issued}`,
      refused: () => {
        issued += 1
        return true
      },
    }
    const socket = await ws.open('/', { reconnect: true, backoff: '1ms' })
    await until(() => shown.length === 3)
    expect(shown).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3'])
    await socket.close()

    session.token = { authorization: () => 'Bearer mine', refused: () => false }
    shown.length = 0
    const other = await ws.open('/', { reconnect: true })
    await expect(other.receive()).rejects.toThrow('closed with 4401 (token_expired)')
    expect(shown).toEqual(['Bearer mine'])
  })

  test('is reopened after a pause that doubles, and that lasts at least as long as the server asks; jitter 0 spreads nothing', async () => {
    const pausesMs: number[] = []
    const hasty: Clock = {
      ...systemClock,
      sleep(delayMs, signal) {
        if (delayMs >= 1000) pausesMs.push(delayMs)
        return systemClock.sleep(delayMs / 100, signal)
      },
    }
    const answers = [
      { status: 503 },
      { status: 429 },
      { status: 503, headers: { 'retry-after': '17' } },
      undefined,
      undefined,
      { status: 503 },
      undefined,
    ]
    let connections = 0
    const { ws } = await serveSockets(
      socket => {
        connections += 1
        if (connections === 1) socket.close(1013)
        if (connections === 2) socket.close(1012)
      },
      { gate: () => answers.shift(), clock: hasty },
    )
    const socket = await ws.open('/', { reconnect: true, jitter: 0 })
    await until(() => connections === 3)
    // Refused three times; overloaded; cut, and so back at once, which is refused.
    expect(pausesMs).toEqual([1000, 2000, 17_000, 1000, 2000])
    await socket.close()
  })

  test('ends with the exception that onOpen throws', async () => {
    const { ws, recorder, client } = await serveSockets(() => {})
    await expect(
      ws.open('/', {
        onOpen: () => {
          throw new TypeError('no such room')
        },
      }),
    ).rejects.toThrow('no such room')
    await until(() => client.sockets.now === 0)
    expect(recorder.of('ws_session_duration')).toMatchObject([{ tags: { reason: 'end' } }])
  })
})

describe('ending a socket', () => {
  /** Once it is told to, sends as fast as the client reads; `delivered` is what was handed to a socket that was still open for us. */
  function busy() {
    const state = { delivered: 0 }
    return {
      state,
      talk: (socket: WebSocket) => {
        const send = () => {
          while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 64 * 1024) {
            state.delivered += 1
            socket.send(JSON.stringify({ n: state.delivered }))
          }
          if (socket.readyState === WebSocket.OPEN) setImmediate(send)
        }
        socket.once('message', send)
      },
    }
  }

  /** Returns once the buffers on the way are full, and never if they are without bound. */
  async function standstill(delivered: () => number): Promise<void> {
    for (let before = -1; before !== delivered(); ) {
      before = delivered()
      await systemClock.sleep(100)
    }
  }

  test('everything that the server had sent when it learned of the close is received', async () => {
    const { state, talk } = busy()
    const { ws, recorder } = await serveSockets(talk)
    const socket = await ws.open('/')
    let handed = 1
    const first = socket.receive()
    await socket.send('go')
    expect(await first).toEqual({ n: 1 })
    for await (const frame of socket) {
      handed += 1
      expect(frame).toEqual({ n: handed })
      if (handed === 3000) break
    }
    await socket.close(1000, 'enough')
    expect(recorder.sum('ws_msgs_received')).toBe(state.delivered)
    expect(state.delivered).toBeGreaterThan(3000)
    expect(recorder.failures).toEqual([])
  })

  test('a slow scenario slows the server down, and loses nothing', async () => {
    const { state, talk } = busy()
    const { ws, recorder } = await serveSockets(talk)
    const socket = await ws.open('/')
    const first = socket.receive()
    await socket.send('go')
    expect(await first).toEqual({ n: 1 })
    await standstill(() => state.delivered)
    expect(recorder.sum('ws_msgs_received')).toBeLessThan(state.delivered / 2)
    for (let n = 2; n <= 20_000; n += 1) expect(await socket.receive()).toEqual({ n })
    await socket.close()
    expect(recorder.sum('ws_msgs_received')).toBe(state.delivered)
  })

  test('a slow consumer reads no faster than its rate, so that the server has to wait', async () => {
    const { state, talk } = busy()
    const { ws, recorder } = await serveSockets(talk)
    const socket = await ws.open('/', { readRate: '10/s' })
    const reading = Array.fromAsync(socket)
    await socket.send('go')
    await standstill(() => state.delivered)
    const received = recorder.sum('ws_msgs_received')
    // What came with the first reads, and no more.
    expect(received).toBeGreaterThan(0)
    expect(received).toBeLessThan(state.delivered / 2)
    await socket.close()
    await reading
    expect(recorder.sum('ws_msgs_received')).toBe(state.delivered)
  })

  test('at the end of the run receive waits no longer, but requests are still answered', async () => {
    const { ws, stop, sockets, session } = await serveSockets(() => {})
    const socket = await ws.open('/')
    const peer = [...sockets][0]!
    const waiting = [socket.receive(), Array.fromAsync(socket)]
    const asked = socket.request({ id: 1 }, { id: 1 })
    await nextMessage(peer)
    stop()
    expect(await Promise.all(waiting)).toEqual([undefined, []])
    peer.send('{"id":1}')
    expect(await asked).toEqual({ id: 1 })
    expect(await socket.receive()).toBeUndefined()
    expect(socket.closed).toBeUndefined()
    await session.holdings.releaseAll()
    expect(socket.closed).toMatchObject({ code: 1000, clean: true })
  })

  test('a socket that breaks after the end of the run is not reopened', async () => {
    let connections = 0
    const { ws, stop, sockets, recorder } = await serveSockets(() => (connections += 1))
    const socket = await ws.open('/', { reconnect: true, backoff: '1ms' })
    stop()
    for (const peer of sockets) peer.close(1012)
    expect(await socket.close()).toMatchObject({ code: 1012 })
    expect(connections).toBe(1)
    expect(recorder.of('ws_session_duration')).toHaveLength(1)
  })

  test('a socket that is being reopened at the end of the run is given up, without an error', async () => {
    let connections = 0
    const { ws, stop, sockets, client } = await serveSockets(() => (connections += 1))
    const socket = await ws.open('/', { reconnect: true, backoff: '1h' })
    const asked = socket.request({}, {})
    for (const peer of sockets) peer.close(1013)
    await until(() => client.sockets.now === 0)
    const later = socket.send({})
    stop()
    expect({ asked: await asked, later: await later, receive: await socket.receive() }).toEqual({
      asked: undefined,
      later: false,
      receive: undefined,
    })
    expect(socket.closed).toMatchObject({ code: 1013 })
    expect(connections).toBe(1)
  })

  test('when both sides close at once, the server’s code counts', async () => {
    const { ws, recorder } = await serveSockets(socket => socket.once('message', () => socket.close(1012)))
    const socket = await ws.open('/')
    await socket.send('now')
    expect(await socket.close()).toMatchObject({ code: 1012, clean: true })
    expect(recorder.of('ws_session_duration')).toMatchObject([{ tags: { reason: 'server', status: '1012' } }])
  })

  test('a closed socket is no longer held by its user', async () => {
    const { ws, session } = await serveSockets(socket => socket.once('message', () => socket.close()))
    const [mine, theirs] = [await ws.open('/'), await ws.open('/')]
    await mine.close()
    await theirs.send('now')
    await theirs.receive()
    expect(session.holdings.releaseAll()).toBeUndefined()
  })

  test('an interruption cuts a socket, whatever it waits for, and no socket opens after it', async () => {
    const { ws, interrupt, recorder } = await serveSockets(() => {})
    const socket = await ws.open('/')
    const waiting = Promise.all([socket.receive(), socket.request({}, {}), socket.ping()])
    interrupt()
    expect(await waiting).toEqual([undefined, undefined, undefined])
    expect(recorder.failures.map(({ reason }) => reason)).toEqual(['interrupted', 'interrupted'])
    await expect(ws.open('/')).rejects.toThrow('the run has ended')
    expect(recorder.requests).toHaveLength(1)
  })

  test('an interruption cuts an opening that is under way', async () => {
    const silent = createServer()
    const { ws, interrupt, recorder } = createUser(clientOf(await listen(silent)))
    silent.on('upgrade', () => interrupt())
    await expect(ws.open('/', { reconnect: true })).rejects.toThrow('it was ended before it was set up')
    expect(recorder.requests).toMatchObject([{ status: 0, failure: { reason: 'interrupted' } }])
  })

  test.each([
    [999, ''],
    [1006, ''],
    [1000, 'x'.repeat(124)],
  ])('a close code that no client may send is the author’s mistake: %i', async (code, reason) => {
    const { ws } = await serveSockets(() => {})
    const socket = await ws.open('/')
    await expect(socket.close(code, reason)).rejects.toThrow(RangeError)
    expect(await socket.close(4000, 'mine')).toEqual({ code: 4000, reason: 'mine', name: 'code_4000', clean: true })
  })
})

test('JSON in a frame may begin with a byte order mark', async () => {
  const { ws, session } = await serveSockets(socket => socket.send('\ufeff{"a":1}'))
  const socket = await ws.open('/ws/other')
  expect(await socket.receive()).toEqual({ a: 1 })
  await session.holdings.releaseAll()
})

test('a flood of pings ends a socket, and the reason says so', async () => {
  const url = await serveRaw((head, socket) => {
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? ''
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
    socket.write(`${switching}Sec-WebSocket-Accept: ${accept}\r\n\r\n`)
    const pings = Buffer.from('890170'.repeat(20_000), 'hex')
    const more = () => {
      if (!socket.destroyed) socket.write(pings, more)
    }
    more()
  })
  const { ws, recorder } = createUser(clientOf(url))
  const socket = await ws.open('/', { reconnect: false })
  await expect(socket.receive()).rejects.toThrow('the connection broke')
  expect(recorder.failures).toMatchObject([{ reason: 'protocol', example: expect.stringContaining('pings') }])
})

test('a thousand pings that come at once are answered, as after a time in which nothing was read', async () => {
  let pongs = 0
  const { ws, session } = await serveSockets(socket => {
    socket.on('pong', () => (pongs += 1))
    for (let ping = 0; ping < 1000; ping += 1) socket.ping()
    socket.send('{"a":1}')
  })
  const socket = await ws.open('/ws/other')
  expect(await socket.receive()).toEqual({ a: 1 })
  await until(() => pongs === 1000)
  await session.holdings.releaseAll()
})

describe('frames of the target that nobody takes', () => {
  const delivered = (sequence: number, text = 'hi') =>
    JSON.stringify({ type: 'message_delivered', channel: 'a', sequence, message: { id: sequence, text, sentAt: 1 } })
  const talk = (...frames: string[]) =>
    serveSockets(socket => {
      socket.on('message', () => {
        for (const frame of frames) socket.send(frame)
        socket.send('{"type":"message_ack","id":1,"channel":"a","sequence":1}')
      })
    })
  const ask = { type: 'message_ack', id: 1 }

  test('are accounted for without being parsed, and are plain objects to a scenario that takes them later', async () => {
    const { ws, recorder, session } = await talk(delivered(1), delivered(2), delivered(5), delivered(6, 'hé'))
    const socket = await ws.open('/ws/chat')
    const parse = vi.spyOn(JSON, 'parse')
    onTestFinished(() => parse.mockRestore())
    expect(await socket.request('go', ask)).toMatchObject(ask)
    // The one that is not ASCII, and the answer.
    expect(parse.mock.calls.map(([text]) => text)).toEqual([delivered(6, 'hé'), expect.stringContaining('message_ack')])
    expect(recorder.sum('ws_events')).toBe(4)
    expect(recorder.sum('ws_msgs_received')).toBe(5)
    const taken = [await socket.receive(), await socket.receive({ sequence: 5 }), await socket.receive()]
    expect(taken).toStrictEqual([1, 5, 2].map(sequence => JSON.parse(delivered(sequence)) as object))
    expect(structuredClone(taken)).toStrictEqual(taken)
    await session.holdings.releaseAll()
    expect(recorder.sum('event_gaps')).toBe(2)
  })

  test('are seen by a wait whose match is a function', async () => {
    const { ws } = await talk(delivered(1), delivered(2))
    const socket = await ws.open('/ws/chat')
    const seen: unknown[] = []
    await socket.request('go', frame => seen.push(frame) === 2)
    expect(seen).toStrictEqual([1, 2].map(sequence => JSON.parse(delivered(sequence)) as object))
  })
})
