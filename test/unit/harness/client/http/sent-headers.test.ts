import { createServer } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../../core/clock.ts'
import { createClient } from '../../../../../harness/client/client.ts'
import { basic } from '../../../../../harness/scenario/basic.ts'
import { createUser, listen, serve } from '../support.ts'

describe('the codings that a scenario asks for', () => {
  const compress = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, zstd: zstdCompressSync }

  test.each(Object.entries(compress))(
    'are asked for, and a body of %s is decompressed when it is read',
    async (coding, pack) => {
      const body = pack(Buffer.from('ä'.repeat(5000)))
      const asked: unknown[] = []
      const { http, sse, recorder } = await serve(
        (request, response) => {
          asked.push(request.headers['accept-encoding'])
          response.setHeader('content-encoding', coding)
          if (request.url === '/') return response.end(body)
          return response.setHeader('content-type', 'text/event-stream').end(pack(Buffer.from('data: 1\n\n')))
        },
        { http: { acceptEncoding: ['br', 'zstd', 'gzip', 'deflate'] } },
      )
      const response = await http.get('/')
      expect({ bytes: response.bodyBytes, text: response.text() }).toEqual({
        bytes: body.length,
        text: 'ä'.repeat(5000),
      })
      expect(recorder.requests[0]?.receivedBytes).toBe(body.length)
      await http.get('/', { headers: { 'Accept-Encoding': 'zstd' } })
      const events: string[] = []
      for await (const { data } of sse.open('/events', { reconnect: false })) events.push(data)
      expect(events).toEqual(['1'])
      expect(asked).toEqual(['br, zstd, gzip, deflate', 'zstd', 'br, zstd, gzip, deflate'])
    },
  )

  test('hide no bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const { http } = await serve((_request, response) => response.setHeader('content-encoding', 'gzip').end(bomb), {
      http: { acceptEncoding: ['gzip'], bodyLimitBytes: 1_000_000 },
    })
    const response = await http.get('/')
    expect(response).toMatchObject({ ok: true, bodyBytes: bomb.length })
    expect(() => response.text()).toThrow('it decompresses to more than 1000000 bytes; raise bodyLimitBytes')
  })

  test('may be sent without the header of zlib', async () => {
    const { http } = await serve((_request, response) =>
      response.setHeader('content-encoding', 'deflate').end(deflateRawSync('raw')),
    )
    expect((await http.get('/')).text()).toBe('raw')
  })
})

describe('a user name and password', () => {
  test('are sent with all requests of a user, or with one', async () => {
    const { http, auth } = await serve((request, response) => response.end(request.headers.authorization ?? 'none'))
    auth.basic('Zoë', 'pass:wörd')
    expect((await http.get('/')).text()).toBe(basic('Zoë', 'pass:wörd'))
    expect((await http.get('/', { headers: { authorization: basic('other', 'x') } })).text()).toBe(basic('other', 'x'))
    auth.none()
    expect((await http.get('/')).text()).toBe('none')
    expect(() => auth.basic('a:b', 'c')).toThrow('a user name without a colon')
  })
})

describe('the run', () => {
  test('is not told to a foreign target, nor where that redirects to', async () => {
    const heads: unknown[] = []
    const other = await listen(createServer(({ headers }, response) => response.end(JSON.stringify(headers))))
    const { url } = await serve((request, response) => {
      heads.push(request.headers)
      response.writeHead(302, { location: `${other}/` }).end()
    })
    const client = createClient({ targetUrl: url, runId: 'run-1', clock: systemClock, identify: false })
    onTestFinished(() => client.close())
    const { http } = createUser(client)
    heads.push((await http.get('/')).json())
    expect(heads).toEqual([
      { host: new URL(url).host, 'user-agent': 'loadcell', connection: 'keep-alive', 'accept-encoding': 'identity' },
      { host: new URL(other).host, 'user-agent': 'loadcell', connection: 'keep-alive', 'accept-encoding': 'identity' },
    ])
  })

  test('is not told to another origin by a target that knows it, unless the scenario asks for that', async () => {
    const told: unknown[] = []
    const other = await listen(
      createServer(({ headers }, response) => {
        told.push([headers['x-loadcell-run'], headers['x-loadcell-exchange'], headers['user-agent']])
        response.end()
      }),
    )
    const redirect = (http = {}) =>
      serve((_request, response) => response.writeHead(307, { location: `${other}/` }).end(), { http })
    await (await redirect()).http.get('/')
    await (await redirect({ identify: true })).http.get('/')
    expect(told).toEqual([
      [undefined, undefined, expect.stringMatching(/^loadcell/)],
      ['run-1', '7/shopper-0/0~1', 'loadcell/1.2.3'],
    ])
  })
})

test('cookies of one host are not sent to another, even along a redirect', async () => {
  const seen: unknown[] = []
  const { http, url, cookies } = await serve((request, response) => {
    seen.push([request.headers.host, request.headers.cookie])
    if (request.url !== '/') return response.setHeader('set-cookie', 'there=2').end()
    const elsewhere = url.replace('127.0.0.1', 'localhost')
    return response.writeHead(302, { location: `${elsewhere}/x`, 'set-cookie': 'here=1' }).end()
  })
  await http.get('/')
  await http.get('/')
  const port = new URL(url).port
  expect(seen).toEqual([
    [`127.0.0.1:${port}`, undefined],
    [`localhost:${port}`, undefined],
    [`127.0.0.1:${port}`, 'here=1'],
    [`localhost:${port}`, 'there=2'],
  ])
  expect(cookies.get('there', `http://localhost:${port}/`)).toBe('2')
})

test('a redirect loop ends with a failure that says so, whatever cookies it sets', async () => {
  const { http, recorder } = await serve((_request, response) =>
    response.writeHead(302, { location: '/login', 'set-cookie': 'again=1' }).end(),
  )
  const response = await http.get('/login')
  expect(response).toMatchObject({ ok: false, failure: 'redirect', redirects: 20 })
  expect(recorder.requests.at(-1)?.failure?.example).toMatch(
    /^status 302: redirected more than 20 times, last to http.*\/login$/,
  )
})
