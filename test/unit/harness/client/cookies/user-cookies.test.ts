import { describe, expect, test } from 'vitest'
import { createUser, serve, type TestUser } from '../support.ts'

/** A server that sets the cookies of its query, and answers with those that it received. */
function jarServer(http = {}): Promise<TestUser & { url: string }> {
  return serve(
    (request, response) => {
      const { searchParams, pathname } = new URL(request.url ?? '', 'http://x')
      const set = searchParams.getAll('set')
      if (set.length > 0) response.setHeader('set-cookie', set)
      if (pathname.startsWith('/to')) response.writeHead(302, { location: searchParams.get('to') ?? '/' })
      response.end(request.headers.cookie ?? 'none')
    },
    { http },
  )
}

describe('a user', () => {
  test('sends back what it received, from one request to the next', async () => {
    const { http } = await jarServer()
    expect((await http.get('/', { query: { set: 'sid=1; Path=/' } })).text()).toBe('none')
    expect((await http.get('/')).text()).toBe('sid=1')
    await http.get('/', { query: { set: ['sid=2; Path=/', 'theme=dark; Path=/shop'] } })
    expect((await http.get('/shop/x')).text()).toBe('theme=dark; sid=2')
  })

  test('shares its jar with no other', async () => {
    const { http, client } = (await jarServer()) as Awaited<ReturnType<typeof serve>>
    await http.get('/', { query: { set: 'sid=1; Path=/' } })
    expect((await createUser(client, { ordinal: 1 }).http.get('/')).text()).toBe('none')
  })

  test('keeps the cookies of each response of a redirect, and sends those that fit each place', async () => {
    const { http } = await jarServer()
    const response = await http.get('/to', { query: { set: 'sid=1; Path=/', to: '/shop' } })
    expect({ text: response.text(), redirects: response.redirects }).toEqual({ text: 'sid=1', redirects: 1 })
  })

  test('adds them to a header of the scenario, whose own win', async () => {
    const { http } = await jarServer()
    await http.get('/', { query: { set: ['sid=1; Path=/', 'lang=en; Path=/'] } })
    expect((await http.get('/', { headers: { cookie: 'sid=mine; extra=1' } })).text()).toBe(
      'sid=mine; extra=1; lang=en',
    )
    expect((await http.get('/')).text()).toBe('sid=1; lang=en')
  })

  test('has none if the scenario wants none', async () => {
    const { http, cookies, session } = await jarServer({ cookies: false })
    await http.get('/', { query: { set: 'sid=1; Path=/' } })
    expect((await http.get('/')).text()).toBe('none')
    expect(session.cookies).toBeUndefined()
    expect(() => cookies.set('a', '1')).toThrow('http.cookies is false')
  })

  test('has no jar until its first cookie', async () => {
    const { http, session } = await jarServer()
    await http.get('/')
    expect(session.cookies).toBeUndefined()
  })
})

describe('the scenario', () => {
  test('reads, sets and removes cookies', async () => {
    const { http, cookies, url } = await jarServer()
    cookies.set('csrf', 'tök en')
    cookies.set('admin', '1', { path: '/admin', maxAge: '1m' })
    expect((await http.get('/')).text()).toBe(Buffer.from('csrf=tök en').toString('latin1'))
    expect(cookies.get('csrf')).toBe('tök en')
    expect(cookies.get('admin')).toBeUndefined()
    expect(cookies.get('admin', '/admin/users')).toBe('1')
    expect(cookies.list(`${url}/admin`).map(({ name, path }) => [name, path])).toEqual([
      ['admin', '/admin'],
      ['csrf', '/'],
    ])
    expect(cookies.list('https://elsewhere.test/')).toEqual([])
    cookies.clear({ name: 'csrf' })
    expect((await http.get('/admin')).text()).toBe('admin=1')
    cookies.clear()
    expect((await http.get('/admin')).text()).toBe('none')
  })

  test('learns why a cookie of the server was refused', async () => {
    const { http, cookies } = await jarServer()
    await http.get('/', { query: { set: 'sid=1; Domain=shop.test' } })
    expect(cookies.refused()).toEqual(['"sid": it is for "shop.test", and 127.0.0.1 is not within that domain'])
  })

  test('sets cookies of other servers', async () => {
    const { cookies } = await jarServer()
    cookies.set('a', '1', { url: 'https://www.shop.test/', domain: 'shop.test', secure: true })
    expect(cookies.list('https://api.shop.test/x')).toMatchObject([
      { name: 'a', domain: 'shop.test', hostOnly: false, secure: true },
    ])
  })

  test.each([
    [['a b', '1'], 'expected the name of a cookie'],
    [['', '1'], 'expected the name of a cookie'],
    [['a', '1;2'], 'got one with ";"'],
    [['a', '1\r\nx: y'], String.raw`got one with "\r"`],
    [['a', ' 1'], 'spaces at its ends'],
    [['a', 5], 'expected text as its value, got 5'],
    [['a', '1', { path: 'admin' }], 'expected a path such as /admin, got "admin"'],
    [['a', '1', { domain: 'other.test' }], 'it is for "other.test", and 127.0.0.1 is not within that domain'],
    [['a', 'x'.repeat(5000)], 'more than 4096'],
    [['a', '1', { url: 'ftp://x' }], 'expected a path such as'],
  ])('may not set %j', async (given, why) => {
    const { cookies } = await jarServer()
    expect(() => cookies.set(...(given as [string, string]))).toThrow(why)
  })
})

test('streams and WebSockets share the jar', async () => {
  const heads: unknown[] = []
  const { http, sse, ws, server } = await serve((request, response) => {
    heads.push([request.url, request.headers.cookie])
    if (request.url === '/login') return response.setHeader('set-cookie', 'sid=1; Path=/').end()
    response.writeHead(200, { 'content-type': 'text/event-stream', 'set-cookie': 'stream=2; Path=/' })
    return response.end('data: 1\n\n')
  })
  server.on('upgrade', (request, socket) => {
    heads.push([request.url, request.headers.cookie])
    socket.end('HTTP/1.1 403 Forbidden\r\nset-cookie: socket=3; Path=/\r\ncontent-length: 0\r\n\r\n')
  })
  await http.get('/login')
  for await (const _event of sse.open('/events', { reconnect: false }));
  await expect(ws.open('/ws')).rejects.toThrow('403')
  await http.get('/login')
  expect(heads).toEqual([
    ['/login', undefined],
    ['/events', 'sid=1'],
    ['/ws', 'sid=1; stream=2'],
    ['/login', 'sid=1; stream=2; socket=3'],
  ])
})
