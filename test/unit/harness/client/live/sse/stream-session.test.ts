import { createServer, type ServerResponse } from 'node:http'
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { StreamEvent } from '../../../../../../harness/scenario/streams.ts'
import { listen, serve } from '../../support.ts'

const collect = (stream: AsyncIterable<StreamEvent>) => Array.fromAsync(stream)

function open(response: ServerResponse, text: string | Buffer, headers = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).end(text)
}

describe('a stream of another server', () => {
  test('may carry text, which is delivered and counted as events without a place', async () => {
    const { sse, recorder, client } = await serve((_request, response) =>
      open(response, 'data: hello\n\ndata: 42\n\ndata: {"a":1}\n\ndata: [DONE]\n\ndata: \ufeff{"b":2}\n\n'),
    )
    const events = await collect(sse.open('/chat', { events: 5 }))
    expect(events.map(({ event, data }) => [event, data])).toEqual([
      ['hello', 'hello'],
      [42, '42'],
      [{ a: 1 }, '{"a":1}'],
      ['[DONE]', '[DONE]'],
      [{ b: 2 }, '\ufeff{"b":2}'],
    ])
    expect(recorder.failures).toEqual([])
    expect({
      sseEvents: recorder.sum('sse_events'),
      sseEventsUnplaced: recorder.sum('sse_events_unplaced'),
    }).toEqual({ sseEvents: 5, sseEventsUnplaced: 5 })
    expect(client.observations().consumers[0]?.received).toBe(5)
  })

  test('may name its own events reset and lagged', async () => {
    const { sse, recorder } = await serve((_request, response) =>
      open(response, 'event: reset\ndata: all\n\nevent: lagged\ndata: {"by":3}\n\n'),
    )
    const events = await collect(sse.open('/chat', { events: 2 }))
    expect(events.map(({ type }) => type)).toEqual(['reset', 'lagged'])
    expect(recorder.sum('sse_resets')).toBe(0)
  })

  test('is resumed after the last id, also one that came without an event, and not after an empty one', async () => {
    const asked: unknown[] = []
    const texts = ['retry: 10\n\nid: 1\ndata: a\n\nid: 2\n\n', 'data: b\n\nid\n\n', 'data: c\n\n']
    const { sse } = await serve((request, response) => {
      open(response, texts[asked.length] ?? '')
      asked.push(request.headers['last-event-id'])
    })
    const events = await collect(sse.open('/', { events: 3 }))
    expect(events.map(({ id }) => id)).toEqual(['1', '2', ''])
    expect(asked).toEqual([undefined, '2', undefined])
  })

  test.each(['Text/Event-Stream', 'text/event-stream;charset=UTF-8', 'TEXT/EVENT-STREAM ; a="b"'])(
    'is one by its media type, %s',
    async type => {
      const { sse } = await serve((_request, response) => open(response, 'data: 1\n\n', { 'content-type': type }))
      expect(await collect(sse.open('/', { events: 1 }))).toHaveLength(1)
    },
  )

  test.each(['text/event-stream-of-mine', 'application/json', 'text/html; a=text/event-stream'])(
    'is none with the media type %s, and the request has failed',
    async type => {
      const { sse, recorder } = await serve((_request, response) => open(response, '{}', { 'content-type': type }))
      await expect(collect(sse.open('/'))).rejects.toThrow(`cannot follow /: expected text/event-stream, got ${type}`)
      expect(recorder.requests[0]?.failure?.reason).toBe('body')
    },
  )

  test('ends for good with a 204', async () => {
    let requests = 0
    const { sse } = await serve((_request, response) => {
      requests += 1
      if (requests === 1) open(response, 'retry: 10\n\ndata: 1\n\n')
      else response.writeHead(204).end()
    })
    expect(await collect(sse.open('/'))).toHaveLength(1)
    expect(requests).toBe(2)
  })

  test('breaks with a reason when it never ends a line, instead of filling our memory', async () => {
    const { sse, recorder } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const more = () => {
        while (!response.destroyed) if (!response.write('x'.repeat(64 * 1024))) return void response.once('drain', more)
      }
      more()
    })
    expect(await collect(sse.open('/', { reconnect: false }))).toEqual([])
    expect(recorder.failures).toMatchObject([{ reason: 'body' }])
    expect(recorder.failures[0]?.example).toContain('expected events of at most 8388608 characters')
  })

  test('counts as refused when its response has no end, and the response is cut off', async () => {
    const { sse, recorder } = await serve((_request, response) => {
      response.writeHead(404)
      const more = () => {
        while (!response.destroyed) if (!response.write('gone '.repeat(1000))) return void response.once('drain', more)
      }
      more()
    })
    await expect(collect(sse.open('/'))).rejects.toThrow('cannot follow /: status 404: gone gone')
    expect(recorder.requests[0]?.receivedBytes).toBeLessThan(1024 * 1024)
  })
})

describe('a compressed stream', () => {
  const text = 'id: 1\ndata: Zoë\n\ndata: {"a":1}\n\n'

  test.each([
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
  ])('with %s is decompressed', async (coding, packed) => {
    const { sse, recorder } = await serve((_request, response) =>
      open(response, packed, { 'content-encoding': coding }),
    )
    const events = await collect(sse.open('/', { reconnect: false }))
    expect(events.map(({ event }) => event)).toEqual(['Zoë', { a: 1 }])
    expect(recorder.requests[0]).toMatchObject({ status: 200, receivedBytes: packed.length })
  })

  test('is decompressed as it arrives', async () => {
    const { sse } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.pipe(response)
      gzip.write('data: now\n\n')
    })
    for await (const { event } of sse.open('/')) {
      expect(event).toBe('now')
      break
    }
  })

  test('fails with a reason when it is damaged or its coding is unknown', async () => {
    const { sse, recorder } = await serve((request, response) =>
      open(response, text, { 'content-encoding': request.url === '/lies' ? 'gzip' : 'rot13' }),
    )
    expect(await collect(sse.open('/lies', { reconnect: false }))).toEqual([])
    expect(recorder.failures[0]?.example).toContain('the stream cannot be decompressed')
    await expect(collect(sse.open('/'))).rejects.toThrow('got one compressed with rot13')
  })
})

describe('a redirect of a stream', () => {
  test('is followed without credentials and key to another origin, and from the start when it breaks', async () => {
    const asked: unknown[] = []
    const other = createServer((request, response) => {
      const { authorization, cookie, 'last-event-id': last, 'x-loadcell-exchange': key } = request.headers
      asked.push([request.url, authorization, cookie, last, key])
      open(response, 'retry: 10\n\nid: 1\ndata: a\n\n')
    })
    const otherUrl = await listen(other)
    const { sse, auth, recorder, client } = await serve((request, response) => {
      asked.push([request.url, request.headers.authorization])
      // An answer that has no end is not waited for.
      response.writeHead(307, { location: request.url === '/' ? '/via' : `${otherUrl}/to#x` }).write('moved')
    })
    auth.bearer('secret')
    const events = await collect(sse.open('/', { events: 2, headers: { Cookie: 'a=b' } }))
    expect(events).toHaveLength(2)
    expect(asked).toEqual([
      ['/', 'Bearer secret'],
      ['/via', 'Bearer secret'],
      ['/to', undefined, undefined, undefined, undefined],
      ['/', 'Bearer secret'],
      ['/via', 'Bearer secret'],
      ['/to', undefined, undefined, '1', undefined],
    ])
    expect(recorder.sum('http_req_redirects')).toBe(4)
    expect(recorder.requests.map(({ status, failure }) => [status, failure])).toEqual(
      [307, 307, 200, 307, 307, 200].map(status => [status, undefined]),
    )
    expect(client.observations().consumers).toEqual([{ key: '7/shopper-0/0', received: 2 }])
  })

  test('fails with a reason in a loop, without a Location, or when redirects are not followed', async () => {
    const { sse, recorder } = await serve((request, response) =>
      response.writeHead(302, { location: request.url === '/bad' ? 'ftp://x/' : String(request.url) }).end(),
    )
    await expect(collect(sse.open('/loop'))).rejects.toThrow('redirected more than 20 times')
    await expect(collect(sse.open('/bad'))).rejects.toThrow('which is not HTTP')
    await expect(collect(sse.open('/no', { redirect: 'manual' }))).rejects.toThrow('cannot follow /no: status 302')
    await expect(collect(sse.open('/no', { redirect: 'error' }))).rejects.toThrow("redirect is 'error'")
    expect(recorder.requests.at(-1)?.failure?.reason).toBe('redirect')
  })
})
