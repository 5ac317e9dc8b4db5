import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkLength,
  checkProtocols,
  encodeEventId,
  encodeHeaders,
  encodeMethod,
  encodePath,
  encodeQuery,
} from '../../../../../harness/client/message/request-head.ts'
import { answerAny, fieldOf, rawServer } from '../../../../support/raw-server.ts'
import { clientOf, createUser, type TestUser } from '../support.ts'

type Context = Pick<TestUser, 'http' | 'sse' | 'ws'>

/** Asks in all three ways. */
const doors: Record<string, (context: Context, path: string, options?: object) => Promise<unknown>> = {
  http: ({ http }, path, options) => http.get(path, options),
  async sse({ sse }, path, options) {
    for await (const event of sse.open(path, { events: 1, reconnect: false, ...options })) void event
  },
  async ws({ ws }, path, options) {
    await expect(ws.open(path, options)).rejects.toThrow('404')
  },
}

const paths = [
  '/p?q=noise cancelling',
  '/p?q=café',
  '/東京/größe?q=東京#part',
  '/p?q=%E2%82%AC&r=%zz&s=100%',
  '/p?q="<x>"&r=\'y\'',
  '/a|b/{c}/\\d?e={f}|g\\h^`',
  '//double//slashes/',
  '/a/./b/../c/%2e%2e/d',
  '/.hidden/..e/f.',
  '/lone\ud800?q=\udfff',
  '/control\u0001\u007f?\u0000',
  '/tab\tline\r\nend ',
  '/[v6]/:80/@user?a[0]=1&b[]=2',
  '/emoji/🐙',
  '/?',
]

describe('a path', () => {
  test('is sent as a browser sends it, the same over HTTP, SSE and WebSocket', async () => {
    const { url, seen } = await rawServer(answerAny)
    const user = createUser(clientOf(url))
    for (const path of paths) {
      const wanted = new URL(url + path)
      wanted.hash = ''
      for (const [door, ask] of Object.entries(doors)) {
        await ask(user, path)
        expect({ door, line: seen.pop()?.line }).toEqual({
          door,
          line: `GET ${wanted.href.slice(url.length)} HTTP/1.1`,
        })
      }
    }
  })

  test('holds printable ASCII only, and stays as it is when encoded again', () => {
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.webPath(), fc.stringMatching(/^[./%2eE?#a]*$/))
    fc.assert(
      fc.property(any, text => {
        const encoded = encodePath(`/${text}`)
        const wanted = new URL(`http://x/${text}`)
        wanted.hash = ''
        expect(`http://x${encoded}`).toBe(wanted.href)
        expect(encoded).toMatch(/^\/[\x21-\x7e]*$/)
        expect(encodePath(encoded)).toBe(encoded)
      }),
      { seed: 7, numRuns: 2000 },
    )
  })
})

describe('a query', () => {
  test('is appended to the path over HTTP, SSE and WebSocket', async () => {
    const { url, seen } = await rawServer(answerAny)
    const user = createUser(clientOf(url))
    const query = { q: 'a b&c', ids: [1, 2], none: undefined, ok: true }
    for (const ask of Object.values(doors)) await ask(user, '/p?x=é', { query })
    expect(seen.map(({ line }) => line)).toEqual(
      Array(3).fill('GET /p?x=%C3%A9&q=a+b%26c&ids=1&ids=2&ok=true HTTP/1.1'),
    )
  })

  test.each([{ a: {} }, { a: null }, { a: [[1]] }, { a: () => 1 }, 'a=1', null, [['a', '1']]])(
    'of %j is an author’s mistake',
    query => {
      expect(() => encodeQuery(query as never)).toThrow(/^expected (text, a number or a boolean as the|parameters)/)
    },
  )
})

describe('headers', () => {
  test('are sent as UTF-8 over HTTP, SSE and WebSocket', async () => {
    const { url, seen } = await rawServer(answerAny)
    const user = createUser(clientOf(url))
    const headers = { 'X-Name': 'größe 東京 🐙\tend', Cookie: ['a=1', 'b=2'], 'x-number': 7, 'x-none': undefined }
    for (const ask of Object.values(doors)) await ask(user, '/p', { headers })
    for (const request of seen) {
      expect(fieldOf(request, 'x-name')).toBe('größe 東京 🐙\tend')
      expect(fieldOf(request, 'cookie')).toBe('a=1; b=2')
      expect(fieldOf(request, 'x-number')).toBe('7')
      expect(fieldOf(request, 'x-none')).toBeUndefined()
    }
    expect(seen).toHaveLength(3)
  })

  test('may contain another host', async () => {
    const { url, seen } = await rawServer(answerAny)
    const user = createUser(clientOf(url))
    for (const ask of Object.values(doors)) await ask(user, '/p', { headers: { Host: 'shop.example' } })
    expect(seen.map(request => fieldOf(request, 'host'))).toEqual(Array(3).fill('shop.example'))
  })

  test('may be an array of pairs', () => {
    const pairs: [string, string][] = [['Accept', 'a']]
    for (const headers of [pairs, new Map(pairs), new Headers(pairs)]) {
      expect(encodeHeaders(headers)).toEqual({ accept: 'a' })
    }
  })

  test.each([
    [{ 'x-name': 'a\r\nEvil: 1' }, /header "x-name", got "a\\r\\nEvil: 1"/],
    [{ 'x-name': 'a\0b' }, /header "x-name", got "a\\u0000b"/],
    [{ 'x-name': 'a\x7fb' }, /header "x-name"/],
    [{ 'x name': 'a' }, /name of a header such as accept, got "x name"/],
    [{ größe: 'a' }, /name of a header such as accept, got "größe"/],
    [{ '': 'a' }, /name of a header/],
    [{ 'x-name': null }, /header "x-name", got null/],
    [{ 'x-name': {} }, /header "x-name", got a value of type object/],
    [{ expect: '100-continue' }, /"expect" cannot be set/],
    [{ 'Transfer-Encoding': 'chunked' }, /"transfer-encoding" cannot be set/],
    [{ connection: 'upgrade' }, /close or keep-alive, got "upgrade"/],
    [['accept: a'], /object or as pairs of text/],
    ['accept: a', /^expected headers/],
    [null, /^expected headers/],
  ])('%j are an author’s mistake, which throws before anything is sent', async (headers, message) => {
    const { url, seen } = await rawServer(answerAny)
    const { http, sse, ws, recorder } = createUser(clientOf(url))
    const options = { headers: headers as never }
    expect(() => http.get('/p', options)).toThrow(message)
    expect(() => sse.open('/p', options)).toThrow(message)
    await expect(ws.open('/p', options)).rejects.toThrow(message)
    expect(seen).toEqual([])
    expect(recorder.requests).toEqual([])
  })

  test('that are secret are not repeated in the error', () => {
    for (const name of ['Authorization', 'cookie', 'x-api-key']) {
      expect(() => encodeHeaders({ [name]: 'hush\nhush' })).toThrow(`header "${name}", got one with "\\n" at 4`)
    }
  })

  test('announce the length of the body that is sent, or throw', async () => {
    const { url, seen } = await rawServer(answerAny)
    const { http, recorder } = createUser(clientOf(url))
    expect((await http.post('/p', { body: 'größe', headers: { 'Content-Length': '7' } })).status).toBe(200)
    await expect(http.post('/p', { body: 'größe', headers: { 'Content-Length': '5' } })).rejects.toThrow(
      '"content-length" to be absent or 7, the length of the body, got "5"',
    )
    expect(() => checkLength({ 'content-length': '3' }, 0)).toThrow('or 0, the length of the body')
    expect({ seenLength: seen.length, requestsLength: recorder.requests.length }).toEqual({
      seenLength: 1,
      requestsLength: 1,
    })
  })
})

test('Last-Event-ID is UTF-8, and left out where no header can carry it', () => {
  expect(encodeEventId('a-1')).toBe('a-1')
  expect(Buffer.from(encodeEventId('größe-注文') as string, 'latin1').toString()).toBe('größe-注文')
  for (const id of [undefined, '', 'a\u0001b', 'a\0', 'x'.repeat(20_000), 7]) expect(encodeEventId(id)).toBeUndefined()
})

test('a stream resumes after a non-ASCII id, and an id that cannot be sent throws an error', async () => {
  const { url, seen } = await rawServer(answerAny)
  const { sse } = createUser(clientOf(url))
  for await (const _ of sse.open('/p', { lastEventId: 'größe-注文', reconnect: false }));
  expect(fieldOf(seen[0]!, 'last-event-id')).toBe('größe-注文')
  expect(() => sse.open('/p', { lastEventId: 'a\nb' })).toThrow('expected lastEventId')
})

test('a stream that reconnects sends its last id, or none', async () => {
  const ids: Record<string, string> = { wide: '注文-7', control: 'a\u0001b', long: 'x'.repeat(20_000) }
  const { url, seen } = await rawServer(({ line, head, socket }) => {
    const id = ids[/GET \/(\w+)/.exec(line)![1]!]!
    const again = seen.filter(each => each.line === line).length > 1
    const event = again ? 'data: {"end":true}\n\n' : `retry: 10\nid: ${id}\ndata: {"a":1}\n\n`
    expect(head).toContain('text/event-stream')
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n${event}`)
  })
  const { sse } = createUser(clientOf(url))
  for (const name of Object.keys(ids)) {
    for await (const { event } of sse.open(`/${name}`, { jitter: 0 })) if ('end' in event) break
  }
  const shown = seen.filter((_, index) => index % 2 === 1).map(request => fieldOf(request, 'last-event-id'))
  expect(shown).toEqual(['注文-7', undefined, undefined])
})

test.each(['GE T', 'GET\r\n', '', 'CONNECT', undefined, 7])('the method %j is an author’s mistake', method => {
  expect(() => encodeMethod(method as string)).toThrow(/^expected the method of a request such as GET, got/)
})

test('methods are spelt as fetch spells them', () => {
  expect(['get', 'Post', 'PATCH', 'patch', 'PROPFIND'].map(encodeMethod)).toEqual([
    'GET',
    'POST',
    'PATCH',
    'patch',
    'PROPFIND',
  ])
})

test('subprotocols that no handshake can offer are an author’s mistake', () => {
  checkProtocols(['graphql-ws', 'v2.json'])
  for (const wrong of [['a b'], ['a', 'a'], [''], ['a,b'], [7 as never]]) {
    expect(() => checkProtocols(wrong)).toThrow('expected subprotocols')
  }
})

test.each([
  ['until', { until: 'soon' }],
  ['events', { events: Number.NaN }],
  ['silence', { silence: 'long' }],
  ['content-length', { headers: { 'content-length': '5' } }],
])('a stream with a wrong %s is an author’s mistake, which throws at once', async (_, options) => {
  const { url } = await rawServer(answerAny)
  const { sse } = createUser(clientOf(url))
  expect(() => sse.open('/p', options as never)).toThrow(/^expected/)
})

test.each([undefined, null, 7, '', 'orders', 'ftp://127.0.0.1/', {}])(
  'the path %j is an author’s mistake, told before anything is sent',
  async path => {
    const { url, seen } = await rawServer(answerAny)
    const { http, sse, ws } = createUser(clientOf(url))
    const message = `expected a path such as /v1/orders, or a URL of ${url}, got `
    expect(() => http.get(path as never)).toThrow(message)
    expect(() => sse.open(path as never)).toThrow(message)
    await expect(ws.open(path as never)).rejects.toThrow(message)
    expect(seen).toEqual([])
  },
)

test.each([
  [{ body: { a: 1 } }, 'expected a body of text or bytes, got a value of type object; give objects as json or form'],
  [{ body: 7 }, 'expected a body of text or bytes, got 7'],
  [{ json: 10n }, 'expected a value that can be written as JSON, got 10: '],
  [{ json: () => 1 }, 'expected a value that can be written as JSON, got a value of type function'],
  [{ form: { a: {} } }, 'as the parameter "a"'],
  [{ body: 'a', compression: 'br' }, 'expected compression to be none or gzip, got "br"'],
])('a body of %s is an author’s mistake', async (options, message) => {
  const { url, seen } = await rawServer(answerAny)
  const { http } = createUser(clientOf(url))
  await expect(http.post('/p', options as never)).rejects.toThrow(message)
  expect(seen).toEqual([])
})
