import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import type { HttpResponse } from '../../../../../harness/scenario/http.ts'
import { BodyMemory, ReceivedBody } from '../../../../../harness/client/message/received-body.ts'
import { UnreadableBody } from '../../../../../harness/client/message/unreadable-body.ts'
import { serve } from '../support.ts'

const MEGABYTE = 1024 * 1024

function sendZeros(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(Math.min(bytes, 64 * 1024))
  let sent = 0
  const more = () => {
    while (sent < bytes && !response.destroyed) {
      sent += chunk.length
      if (!response.write(chunk)) return void response.once('drain', more)
    }
    response.end()
  }
  more()
}

describe('a body that is too long', () => {
  test('is counted whole but not kept, and throws an error that says so when it is read', async () => {
    const { http, recorder } = await serve((_request, response) => sendZeros(response, 4 * MEGABYTE))
    const response = await http.get('/', { bodyLimitBytes: MEGABYTE })
    expect(response).toMatchObject({ ok: true, status: 200, bodyBytes: 4 * MEGABYTE })
    expect(recorder.requests[0]?.receivedBytes).toBe(4 * MEGABYTE)
    expect(() => response.text()).toThrow(UnreadableBody)
    expect(() => response.json()).toThrow('it has more than 1048576 bytes; raise bodyLimitBytes')
  })

  test('of an error response is reported with its beginning', async () => {
    const { http, recorder } = await serve((_request, response) => {
      response.writeHead(500).write('out of order: ')
      sendZeros(response, 2 * MEGABYTE)
    })
    expect(await http.get('/', { bodyLimitBytes: 1000 })).toMatchObject({ ok: false, status: 500, failure: 'status' })
    expect(recorder.requests[0]?.failure?.example).toContain('status 500: out of order:')
  })

  test('is kept if the limit allows it', async () => {
    const { http } = await serve((_request, response) => sendZeros(response, 4 * MEGABYTE))
    expect((await http.get('/', { bodyLimitBytes: 4 * MEGABYTE })).text()).toHaveLength(4 * MEGABYTE)
    const none = await http.get('/', { bodyLimitBytes: 0 })
    expect(() => none.text()).toThrow('it has more than 0 bytes')
  })

  test('ends with the timeout of its request when it trickles without an end', async () => {
    const { http } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('.'), 5)
      response.on('close', () => clearInterval(timer))
    })
    expect(await http.get('/', { timeout: '1s' })).toMatchObject({ ok: false, status: 200, failure: 'timeout' })
  })
})

test.each(['1MB', Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, null])(
  '%j is no limit of a body: nothing is sent',
  async wrong => {
    const { http, recorder } = await serve((_request, response) => response.end())
    expect(() => http.get('/', { bodyLimitBytes: wrong as never })).toThrow(/expected bodyLimitBytes to be/)
    expect(recorder.requests).toEqual([])
  },
)

test('a probe waits only for the head of a response with an endless body', async () => {
  let closed = false
  const { client, session, recorder } = await serve((_request, response) => {
    response.on('close', () => (closed = true))
    sendZeros(response, Number.MAX_SAFE_INTEGER)
  })
  const response = await client.headOf(session, '/healthz', { timeout: '1h' })
  expect(response).toMatchObject({ ok: true, status: 200 })
  expect(recorder.requests).toMatchObject([{ status: 200, failure: undefined }])
  await vi.waitUntil(() => closed)
})

describe('the memory for bodies', () => {
  const full = (memory: BodyMemory, bytes: number) => {
    const body = new ReceivedBody(memory)
    body.add(Buffer.alloc(bytes, 'x'))
    body.end()
    return body
  }

  test('is shared, and the oldest unread body gives way', () => {
    const memory = new BodyMemory(3 * MEGABYTE)
    const [first, second, third] = [full(memory, MEGABYTE), full(memory, MEGABYTE), full(memory, MEGABYTE)]
    expect(() => first.read()).toThrow('all bodies together took more than 3145728 bytes')
    expect(first.receivedBytes).toBe(MEGABYTE)
    expect(first.excerpt().toString()).toBe('x'.repeat(4096))
    expect({ secondReadLength: second.read().length, thirdReadLength: third.read().length }).toEqual({
      secondReadLength: MEGABYTE,
      thirdReadLength: MEGABYTE,
    })
  })

  test('is free again once a body has been read', () => {
    const memory = new BodyMemory(3 * MEGABYTE)
    const bodies = Array.from({ length: 20 }, () => {
      const body = full(memory, 2 * MEGABYTE)
      return body.read().length
    })
    expect(new Set(bodies)).toEqual(new Set([2 * MEGABYTE]))
  })

  test('does not keep a body in progress without room, and counts the overhead of single bytes', () => {
    const memory = new BodyMemory(MEGABYTE)
    const body = new ReceivedBody(memory)
    for (let byte = 0; byte < 10_000; byte += 1) body.add(Buffer.from('x'))
    body.end()
    expect(() => body.read()).toThrow('all bodies together took more than')
    expect(full(memory, MEGABYTE / 2).read()).toHaveLength(MEGABYTE / 2)
  })

  test('counts responses that a scenario keeps unread', async () => {
    const { http } = await serve((_request, response) => response.end(Buffer.alloc(MEGABYTE)), {
      http: { bodyMemoryBytes: 2 * MEGABYTE },
    })
    const kept: HttpResponse[] = []
    for (let request = 0; request < 4; request += 1) kept.push(await http.get('/'))
    expect(() => kept[0]?.text()).toThrow('raise http.bodyMemoryBytes')
    expect(kept[3]?.text()).toHaveLength(MEGABYTE)
  })
})

describe('a compressed body that was not requested', () => {
  const json = { name: 'Zoë', items: Array.from({ length: 50 }, (_item, id) => ({ id })) }
  const text = Buffer.from(JSON.stringify(json))
  const packings: Record<string, Buffer> = {
    gzip: gzipSync(text),
    'X-GZip': gzipSync(text),
    deflate: deflateSync(text),
    'deflate ': deflateRawSync(text),
    br: brotliCompressSync(text),
    zstd: zstdCompressSync(text),
    'gzip, br': brotliCompressSync(gzipSync(text)),
    identity: text,
  }

  test.each(Object.entries(packings))(
    'with %s is decompressed, and its compressed bytes are counted',
    async (coding, packed) => {
      const { http } = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': coding, 'content-type': 'application/json' }).end(packed),
      )
      const response = await http.get('/')
      expect(response.json()).toEqual(json)
      expect(response.bodyBytes).toBe(packed.length)
    },
  )

  test('that is a bomb, has an unknown coding or is not in its coding cannot be read', async () => {
    const { http } = await serve((request, response) => {
      const coding = request.url === '/unknown' ? 'pack200' : 'gzip'
      const body = request.url === '/bomb' ? gzipSync(Buffer.alloc(8 * MEGABYTE)) : Buffer.from('plain')
      response.writeHead(200, { 'content-encoding': coding }).end(body)
    })
    const bomb = await http.get('/bomb', { bodyLimitBytes: MEGABYTE })
    expect(() => bomb.text()).toThrow('it decompresses to more than 1048576 bytes; raise bodyLimitBytes')
    const unknown = await http.get('/unknown')
    expect(() => unknown.text()).toThrow('it is compressed with pack200')
    const lying = await http.get('/lying')
    expect(() => lying.json()).toThrow(UnreadableBody)
  })

  test('of an error response is decompressed for its example', async () => {
    const { http, recorder } = await serve((_request, response) =>
      response.writeHead(400, { 'content-encoding': 'gzip' }).end(gzipSync('no such product')),
    )
    await http.get('/')
    expect(recorder.requests[0]?.failure?.example).toBe('status 400: no such product')
  })

  test('is received when the scenario asks for compression', async () => {
    const { http } = await serve((request, response) => {
      const packed = request.headers['accept-encoding'] === 'gzip'
      response.writeHead(200, packed ? { 'content-encoding': 'gzip' } : {}).end(packed ? gzipSync('packed') : 'plain')
    })
    expect((await http.get('/')).text()).toBe('plain')
    expect((await http.get('/', { headers: { 'Accept-Encoding': 'gzip' } })).text()).toBe('packed')
  })
})

describe('the text of a body', () => {
  const cases: [string, string | undefined, Buffer][] = [
    ['UTF-8 with a byte order mark', 'application/json', Buffer.from('\ufeff{"é":"ü"}')],
    ['UTF-16 with a byte order mark', 'application/json', Buffer.from('\ufeff{"é":"ü"}', 'utf16le')],
    ['UTF-16 of the other order', undefined, Buffer.from('\ufeff{"é":"ü"}', 'utf16le').swap16()],
    ['Latin-1', 'application/json; charset=ISO-8859-1', Buffer.from('{"é":"ü"}', 'latin1')],
    ['Windows-1252 in quotes', 'Application/JSON;Charset="windows-1252"', Buffer.from('{"é":"ü"}', 'latin1')],
    ['an unknown charset, which is read as UTF-8', 'application/json; charset=nonsense', Buffer.from('{"é":"ü"}')],
  ]

  test.each(cases)('in %s', async (_what, contentType, body) => {
    const { http } = await serve((_request, response) =>
      response.writeHead(200, contentType === undefined ? {} : { 'content-type': contentType }).end(body),
    )
    const response = await http.get('/')
    expect(response.json()).toEqual({ é: 'ü' })
    expect(response.text()).toBe('{"é":"ü"}')
  })
})
