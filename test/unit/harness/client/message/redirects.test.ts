import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { RequestOptions } from '../../../../../harness/scenario/http.ts'
import { bodyOf, clientOf, createUser, listen, serve } from '../support.ts'

/** Redirects `/from` with this status and Location, and says of everything else what it was asked. */
function redirecting(status: number, location: string | undefined) {
  return serve(async (request, response) => {
    if (request.url === '/from') {
      await bodyOf(request)
      response.writeHead(status, location === undefined ? {} : { location }).end('moved')
      return
    }
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body: (await bodyOf(request)).toString() }))
  })
}

interface Asked {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

describe('a redirect is followed as fetch does', () => {
  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [307, 'POST', 'POST', '{"a":1}'],
    [308, 'POST', 'POST', '{"a":1}'],
    [301, 'PUT', 'PUT', '{"a":1}'],
    [302, 'DELETE', 'DELETE', '{"a":1}'],
    [303, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
  ])('with %d, a %s becomes a %s with the body %o', async (status, method, becomes, body) => {
    const { http, recorder } = await redirecting(status, '/to')
    const response = await http.request(method, '/from', { json: { a: 1 }, headers: { 'X-Own': '1' } })
    const asked = response.json<Asked>()
    expect(asked).toMatchObject({ method: becomes, url: '/to', body })
    expect(asked.headers['content-type']).toBe(body === '' ? undefined : 'application/json')
    expect(asked.headers['x-own']).toBe('1')
    expect(response).toMatchObject({ ok: true, status: 200, redirects: 1 })
    expect(response.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/to$/)
    expect(recorder.requests.map(({ tags, status }) => [tags.method, tags.name, status])).toEqual([
      [method, '/from', status],
      [becomes, '/to', 200],
    ])
    expect(recorder.requests.every(({ failure }) => failure === undefined)).toBe(true)
    expect(recorder.sum('http_req_redirects')).toBe(1)
  })

  test('HEAD stays HEAD after a 303, and each request has a key of its own', async () => {
    const keys: unknown[] = []
    const { http } = await serve((request, response) => {
      keys.push(request.headers['x-loadcell-exchange'])
      if (request.url === '/to') response.writeHead(request.method === 'HEAD' ? 204 : 500).end()
      else response.writeHead(303, { location: request.url === '/from' ? '/via' : '/to' }).end()
    })
    expect(await http.request('HEAD', '/from')).toMatchObject({ status: 204, redirects: 2 })
    expect(keys).toEqual(['7/shopper-0/0', '7/shopper-0/0~1', '7/shopper-0/0~2'])
  })

  test.each([
    ['to', '/to'],
    ['?q=1', '/from?q=1'],
    ['//{host}/other', '/other'],
    ['http://{host}/whole#part', '/whole'],
    ['/a b/é?x=ü', '/a%20b/%C3%A9?x=%C3%BC'],
    ['/é', '/%C3%A9', 'latin1'],
  ] as const)('a Location %s leads to %s', async (location, url, encoding: BufferEncoding = 'utf8') => {
    const { http } = await serve((request, response) => {
      const to = location.replace('{host}', String(request.headers.host))
      if (request.url !== '/from') response.end(request.url)
      else
        response.socket?.end(
          Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`, encoding),
        )
    })
    expect((await http.get('/from')).text()).toBe(url)
  })

  test('credentials are not sent to another origin, nor again after a redirect back', async () => {
    const seen: Record<string, unknown>[] = []
    const own = await serve((request, response) => {
      seen.push({ at: request.url, ...request.headers })
      if (request.url === '/from') response.writeHead(307, { location: `${otherUrl}/over` }).end()
      else response.end('back')
    })
    const other = createServer((request, response) => {
      seen.push({ at: request.url, ...request.headers })
      response.writeHead(307, { location: `${own.url}/back` }).end()
    })
    const otherUrl = await listen(other)
    own.auth.bearer('secret')
    const headers = { Cookie: 'a=b', 'Proxy-Authorization': 'Basic x', 'X-Own': '1' }
    const response = await own.http.get('/from', { headers })
    expect(response.text()).toBe('back')
    expect(seen.map(({ at, authorization, cookie, 'x-own': kept }) => [at, authorization, cookie, kept])).toEqual([
      ['/from', 'Bearer secret', 'a=b', '1'],
      ['/over', undefined, undefined, '1'],
      ['/back', undefined, undefined, '1'],
    ])
    expect(seen[1]?.['proxy-authorization']).toBeUndefined()
    expect(own.recorder.requests.map(({ tags }) => tags.name)).toEqual(['/from', `${otherUrl}/over`, '/back'])
  })

  test('a body that asks for a token is not sent to another host', async () => {
    const { auth, recorder } = await serve((_request, response) =>
      response.writeHead(307, { location: 'http://elsewhere.invalid/oauth/token' }).end(),
    )
    await expect(auth.clientCredentials('shop', 's3cret')).rejects.toThrow('no token for client "shop"')
    expect(recorder.requests.map(({ status, failure }) => [status, failure?.reason])).toEqual([[307, 'redirect']])
  })

  test('up to 20 times, and a loop is a failure with a reason', async () => {
    const { http, recorder } = await serve((_request, response) => response.writeHead(302, { location: '/x' }).end())
    expect(await http.get('/x')).toMatchObject({ ok: false, status: 302, failure: 'redirect', redirects: 20 })
    expect(recorder.requests).toHaveLength(21)
    expect(recorder.requests.at(-1)?.failure?.example).toContain('redirected more than 20 times')
  })

  test.each([
    ['http://[broken', 'which is not a URL'],
    ['ftp://127.0.0.1/x', 'which is not HTTP'],
    ['javascript:alert(1)', 'which is not HTTP'],
  ])('a Location %s cannot be followed', async (location, why) => {
    const { http, recorder } = await redirecting(302, location)
    expect(await http.get('/from')).toMatchObject({ ok: false, status: 302, failure: 'redirect' })
    expect(recorder.requests[0]?.failure?.example).toContain(why)
  })

  test('except without a Location, and except a 304, which is not a redirect', async () => {
    const { http } = await redirecting(302, undefined)
    expect(await http.get('/from')).toMatchObject({ status: 302, redirects: 0 })
    const cached = await redirecting(304, '/to')
    expect(await cached.http.get('/from')).toMatchObject({ status: 304, redirects: 0 })
  })

  test('if the target of the redirect does not respond, that is the failure', async () => {
    const { http, recorder } = await redirecting(301, 'https://127.0.0.1:1/from')
    expect(await http.get('/from')).toMatchObject({ ok: false, status: 0, failure: 'refused', redirects: 1 })
    expect(recorder.requests.map(({ status }) => status)).toEqual([301, 0])
  })

  test('and shares the timeout of its request', async () => {
    const { http } = await serve((request, response) => {
      const next = Number(request.url?.slice(1)) + 1
      setTimeout(() => response.writeHead(302, { location: `/${next}` }).end(), 60)
    })
    expect(await http.get('/0', { timeout: '200ms' })).toMatchObject({ status: 0, failure: 'timeout' })
  })
})

describe('a redirect is the response', () => {
  test.each<[string, RequestOptions]>([
    ['when redirect is manual', { redirect: 'manual' }],
    ['when expect lists its status', { expect: [200, 302] }],
    ['when expect is its status', { expect: 302 }],
  ])('%s', async (_when, options) => {
    const { http, recorder } = await redirecting(302, '/to')
    const response = await http.get('/from', options)
    expect(response).toMatchObject({ ok: true, status: 302, redirects: 0 })
    expect({ headersLocation: response.headers['location'], responseText: response.text() }).toEqual({
      headersLocation: '/to',
      responseText: 'moved',
    })
    expect(recorder.requests).toHaveLength(1)
  })

  test('several different Locations are a failure, and an unknown mode is the author’s mistake', async () => {
    const { http } = await serve((request, response) => {
      if (request.url === '/there') response.end('there')
      else response.writeHead(302, ['Location', '/there', 'Location', request.url ?? '']).end()
    })
    expect(await http.get('/elsewhere')).toMatchObject({ ok: false, failure: 'redirect' })
    expect(await http.get('/there')).toMatchObject({ ok: true })
    const mode = 'sometimes' as 'follow'
    await expect(async () => http.get('/there', { redirect: mode })).rejects.toThrow("expected redirect 'follow'")
  })

  test('and is a failure with redirect error', async () => {
    const { http, recorder } = await redirecting(302, '/to')
    expect(await http.get('/from', { redirect: 'error' })).toMatchObject({ ok: false, failure: 'redirect' })
    expect(recorder.requests[0]?.failure?.example).toBe("status 302: redirected to /to, and redirect is 'error'")
  })

  test('follows the default of the scenario, unless the request sets its own', async () => {
    const server = createServer((request, response) =>
      request.url === '/from' ? response.writeHead(302, { location: '/to' }).end() : response.end(),
    )
    const { http } = createUser(clientOf(await listen(server), { http: { redirect: 'manual' } }))
    expect(await http.get('/from')).toMatchObject({ status: 302 })
    expect(await http.get('/from', { redirect: 'follow' })).toMatchObject({ status: 200 })
  })
})
