import { describe, expect, it } from 'vitest'
import type { JsonFields } from '../../../../../harness/authoring/json-tree.ts'
import { scenarioFromRecording } from '../../../../../harness/authoring/recording/write.ts'
import { UnusableSource } from '../../../../../harness/authoring/unusable-source.ts'
import { formatErrors } from '../../../../support/format-errors.ts'
import { har, type HarRequest } from '../../../../support/recordings/har.ts'

const shop = 'https://shop.example.com'
const options = { only: [], host: undefined, keepsStatic: false }

const logOf = (requests: readonly HarRequest[]) => (JSON.parse(har(requests)) as { log: JsonFields }).log

/** Everything that the tests have written. */
const texts: string[] = []

/** Returns what is written from these requests. */
function written(requests: readonly HarRequest[], more: Partial<Parameters<typeof scenarioFromRecording>[2]> = {}) {
  const result = scenarioFromRecording(logOf(requests), 'shop', { ...options, ...more })
  const text = result.files.get('shop.ts')!
  texts.push(text)
  return { ...result, text, all: [text, result.summary, ...result.notes, ...result.variables].join('\n') }
}

function refusal(log: JsonFields, more: Partial<Parameters<typeof scenarioFromRecording>[2]> = {}): string {
  try {
    scenarioFromRecording(log, 'shop', { ...options, ...more })
  } catch (error) {
    if (error instanceof UnusableSource) return `${error.message} / ${error.nextStep}`
    throw error
  }
  return 'accepted'
}

describe('a scenario from a recording', () => {
  it('repeats requests in their order, with the pauses between them and a heading for each page', () => {
    const { text } = written([
      { url: `${shop}/orders/5017?page=2&sort=price`, at: 4, page: 'p2', ms: 300, response: { id: 5017, open: true } },
      { url: `${shop}/orders`, at: 0, page: 'p1', response: { items: [{ id: 1 }], total: 1 } },
      { url: `${shop}/orders/summary`, at: 4.4, page: 'p2', response: {} },
    ])
    expect(text).toContain(`      async iterate({ http, check, sleep }) {
        // Page /orders
        const orders = await http.get('/orders')
        check(orders, {
          'GET /orders: status is 200': ({ status }) => status === 200,
          'GET /orders: body has its fields': response => isOrders(response.json()),
        })
        await sleep('4s')

        // Page /orders/{id}
        const orders2 = await http.get('/orders/5017', { query: { page: 2, sort: 'price' } })`)
    // A tenth of a second is no thinking.
    expect(text.match(/sleep\(/g)).toHaveLength(1)
    expect(text).toContain("typeof value.id === 'number' && typeof value.open === 'boolean'")
  })

  it('takes ids and tokens from the responses that returned them', () => {
    const bearer = { Authorization: 'Bearer issued-token-77' }
    const { text, variables } = written([
      {
        url: `${shop}/auth/login`,
        json: { email: 'alice@corp.com', password: 'hunter2' },
        response: { data: { accessToken: 'issued-token-77' } },
      },
      {
        url: `${shop}/products`,
        at: 1,
        headers: bearer,
        response: [{ id: 3, uuid: '3f2b8c1e-1111-4222-8333-944445555666' }],
      },
      { url: `${shop}/products/3/reviews/3f2b8c1e-1111-4222-8333-944445555666`, at: 2, headers: bearer, response: {} },
      {
        url: `${shop}/orders`,
        at: 3,
        headers: bearer,
        json: { product_id: 3, quantity: 3 },
        status: 201,
        response: { id: 50170, cursor: 'next-a1b2c3d4' },
      },
      { url: `${shop}/orders/50170?cursor=next-a1b2c3d4`, at: 4, headers: bearer, response: {} },
    ])
    expect(text).toContain("const accessToken = valueOf(login, 'data.accessToken')")
    expect(text).toContain('auth.bearer(String(accessToken))')
    expect(text).toContain("const productId = valueOf(products, '0.id')")
    expect(text).toContain('http.get(`/products/${productId}/reviews/${productUuid}`, {')
    // A quantity of 3 is no id.
    expect(text).toContain('json: { product_id: productId, quantity: 3 }')
    expect(text).toContain("http.get(`/orders/${orderId}`, { query: { cursor }, name: '/orders/{id}' })")
    expect(variables).toEqual(['SHOP_EMAIL', 'SHOP_PASSWORD'])
  })

  it('takes nothing from a response that came too late, or that repeated what was sent', () => {
    const { text } = written([
      { url: `${shop}/orders/50170`, response: { id: 50170 } },
      { url: `${shop}/orders/50170/lines`, at: 1, response: {} },
      { url: `${shop}/carts`, at: 2, ms: 3000, json: {}, response: { id: 60280 } },
      { url: `${shop}/carts/60280`, at: 3, response: {} },
    ])
    expect(text).toContain("http.get('/orders/50170/lines')")
    expect(text).toContain("http.get('/carts/60280')")
    expect(text).not.toContain('valueOf')
  })

  it('follows redirects as the client does, and leaves cookies that responses set to the jar', () => {
    const { text } = written([
      { url: `${shop}/old`, status: 301, responseHeaders: { Location: '/new' } },
      { url: `${shop}/new`, at: 0.1, response: { name: 'new' } },
      {
        url: `${shop}/signin`,
        at: 1,
        form: { user: 'alice', password: 'hunter2' },
        status: 302,
        responseHeaders: { Location: '/home', 'Set-Cookie': 'sid=planted-session-1; Path=/' },
      },
      { url: `${shop}/home`, at: 1.2, headers: { Cookie: 'sid=planted-session-1; _ga=GA1.2' }, response: {} },
      { url: `${shop}/away`, at: 2, status: 302, responseHeaders: { Location: 'https://other.example.com/' } },
    ])
    expect(text).toContain("http.get('/old')")
    expect(text).not.toContain("http.get('/new')")
    expect(text).toContain("'GET /old: status is 200'")
    expect(text).toContain("http.post('/signin', { form: { user: user2, password } })")
    expect(text).not.toContain("http.get('/home'")
    expect(text).toContain("http.get('/away', { redirect: 'manual' })")
    expect(text).not.toContain('planted')
  })

  it('names no variable after a secret in a path, and knows the name of a user again', () => {
    const { all, text } = written([
      {
        url: `${shop}/login`,
        json: { username: 'planted-user', password: 'hunter2planted' },
        responseHeaders: { 'Set-Cookie': 'sid=planted-session-1' },
        response: {},
      },
      {
        url: `${shop}/reset/q8Kd73LmzX29ab-planted/PLANTEDkdjRWEhdsAQWEzzTRqwe/x9Kd73LmzX29abQQ71planted`,
        at: 1,
        headers: { Cookie: 'sid=planted-session-1' },
        responseHeaders: { 'Set-Cookie': 'sid=planted-session-2' },
      },
      {
        url: `${shop}/users/planted-user?by=planted-user&constructor=1&by2=new-planted-users`,
        at: 2,
        headers: { Cookie: 'sid=planted-session-2' },
        response: {},
      },
    ])
    expect(text).toContain('    cookies.clear()')
    expect(text).not.toContain('headers:')
    expect(all.replaceAll('new-planted-users', '')).not.toMatch(/planted/i)
    expect(text).toContain('constructor: 1')
  })

  it('writes no secret of any kind into the scenario, its notes or its variables', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLXBsYW50ZWQ'
    const planted = {
      jwt,
      basic: Buffer.from('planteduser1:plantedpass1').toString('base64'),
      cookie: 'plantedcookie1',
      setCookie: 'plantedcookie2',
      header: 'plantedheader1',
      query: 'plantedquery1',
      path: 'plantedPath1234567890abcd',
      form: 'planted form/1',
      field: 'planted-field-1',
      userinfo: 'planteduserinfo1',
      email: 'planted.person@corp.com',
      otp: '483920',
      code: '4f7a9c2b1d8e6f3a5b7c',
      card: '4111111111111111',
      aws: 'AKIAIOSFODNN7PLANTED',
      mapKey: 'sk_live_4eC39HqLyjWDarjtPLANTED',
      xml: 'plantedxml1',
      multipart: 'plantedmultipart1',
      response: 'plantedresponse1',
    }
    const visit: HarRequest[] = [
      {
        url: `https://planted:${planted.userinfo}@shop.example.com/start?api_key=${planted.query}&next=/a`,
        headers: { Authorization: `Basic ${planted.basic}`, Cookie: `sid=${planted.cookie}` },
        response: '<html>',
        responseHeaders: { 'Set-Cookie': `auth=${planted.setCookie}; HttpOnly` },
      },
      {
        url: `${shop}/reset/${planted.path}?redirect=${encodeURIComponent(`/x?token=${planted.query}`)}`,
        at: 1,
        headers: { 'X-Auth-Token': planted.header, 'X-Custom': planted.header, Referer: `${shop}/?k=${planted.query}` },
        response: { refresh_token: planted.response, [planted.mapKey]: { a: 1 }, echo: planted.response },
      },
      {
        url: `${shop}/form`,
        at: 2,
        form: { password: planted.form, otp: planted.otp, comment: `mine is ${planted.form}!` },
        response: {},
      },
      {
        url: `${shop}/json`,
        at: 3,
        json: {
          nested: [{ clientSecret: planted.field }],
          code: planted.code,
          list: [planted.field],
          who: planted.email,
          [planted.mapKey]: 1,
          note: `${planted.aws} ${planted.card}`,
          token: jwt,
          seen: planted.response,
        },
        response: {},
      },
      {
        url: `${shop}/graphql`,
        at: 4,
        json: { query: `mutation { login(password: "${planted.field}") { id } }` },
        response: {},
      },
      {
        url: `${shop}/soap`,
        at: 5,
        body: ['text/xml', `<p>${planted.xml}</p>`],
        response: '<ok/>',
        mediaType: 'text/xml',
      },
      {
        url: `${shop}/upload`,
        at: 6,
        body: ['multipart/form-data; boundary=x', `--x\r\n\r\n${planted.multipart}`],
        response: {},
      },
      {
        url: `${shop}/users/${encodeURIComponent(planted.email)}/tokens/${jwt}`,
        at: 7,
        headers: { Authorization: `Bearer ${jwt}` },
        response: {},
      },
    ]
    const { all, variables } = written(visit)
    for (const [kind, secret] of Object.entries(planted)) {
      for (const form of [secret, encodeURIComponent(secret), secret.split('@')[0]!])
        expect({ kind, leaks: all.includes(form) }).toEqual({ kind, leaks: false })
    }
    expect(all.toLowerCase()).not.toContain('planted')
    expect(all).toContain("body: ''")
    expect(variables.length).toBeGreaterThan(8)
    expect(refusal(logOf(visit), { only: ['GET /none'] }).toLowerCase()).not.toContain('planted')
    expect(refusal(logOf(visit), { host: 'none' }).toLowerCase()).not.toContain('planted')
  })

  it('leaves out what a browser loads by itself, and keeps it on demand', () => {
    const visit: HarRequest[] = [
      { url: `${shop}/`, response: '<html>' },
      { url: `${shop}/app.js?v=3`, mediaType: 'application/javascript' },
      { url: `${shop}/logo`, mediaType: 'image/png' },
      { url: `${shop}/font.woff2`, status: 304, mediaType: '' },
      { url: `${shop}/late.css`, type: 'stylesheet' },
      { url: `${shop}/cached`, extra: { _fromCache: 'memory' }, response: {} },
      { url: `${shop}/api`, method: 'OPTIONS' },
      { url: `${shop}/blocked`, status: 0 },
      { url: 'wss://shop.example.com/live', status: 101 },
      { url: 'data:image/png;base64,AAAA' },
    ]
    const { text, notes } = written(visit)
    expect(text.match(/http\.\w+\('[^']*'/g)).toEqual(["http.get('/'"])
    expect(notes).toEqual([
      '1 WebSocket was left out: `ws.open` opens one.',
      '1 request without a response was left out.',
      '4 requests for images, styles, scripts and fonts were left out; --static keeps them.',
    ])
    const kept = written(visit, { keepsStatic: true }).text
    expect(kept.match(/http\.\w+\('[^']*'/g)).toHaveLength(5)
    // A 304 came because the browser had the file already.
    expect(kept).toContain("'GET /font.woff2: status is 200'")
  })

  it('sends load to one host, says which others there were, and takes another on demand', () => {
    const visit: HarRequest[] = [
      { url: 'https://app.example.com/', response: '<html>' },
      { url: 'http://api.example.com:8443/a', response: {} },
      { url: 'http://api.example.com:8443/b', at: 1, response: {} },
    ]
    const { text, notes, target } = written(visit)
    expect(text.match(/http\.get\('[^']*'/g)).toEqual(["http.get('/a'", "http.get('/b'"])
    expect(notes).toEqual([
      'Load goes to one host, api.example.com:8443. Requests to others left out: app.example.com (1). --host writes those of another.',
    ])
    expect(target).toBe('http://api.example.com:8443')
    expect(written(visit, { host: 'app.example.com' }).text).toContain("http.get('/')")
    expect(written(visit, { host: 'API.example.com' }).text).toContain("http.get('/a')")
    expect(refusal(logOf(visit), { host: 'no.example.com' })).toMatch(
      /no requests to "no\.example\.com" \/ It has requests to: api\.example\.com:8443, app\.example\.com\./,
    )
  })

  it('prefers the site that was visited to what it loads from others', () => {
    const { text } = written([
      {
        url: 'http://ocsp.example.net/',
        body: ['application/ocsp-request', 'x'],
        mediaType: 'application/ocsp-response',
      },
      {
        url: 'http://shop.test/',
        status: 301,
        responseHeaders: { Location: 'https://www.shop.test/' },
        mediaType: 'text/html',
      },
      { url: 'https://www.shop.test/', at: 1, response: '<html>' },
      ...Array.from({ length: 4 }, (_, at) => ({
        url: 'https://ads.example.net/bid',
        at: 2 + at,
        json: {},
        response: {},
      })),
    ])
    expect(text.match(/http\.\w+\('[^']*'/g)).toEqual(["http.get('/'"])
    expect(text).toContain('A visit to www.shop.test')
  })

  it('copies only headers that say what a client wants', () => {
    const headers = {
      Accept: 'application/vnd.shop+json',
      'X-Requested-With': 'XMLHttpRequest',
      'Idempotency-Key': 'planted-1',
      'User-Agent': 'Mozilla',
      'X-Tenant-Id': 'acme',
      'If-None-Match': '"1"',
    }
    const { text, notes } = written([{ url: `${shop}/a`, headers, json: { a: 1 }, status: 422, response: {} }])
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "headers: { Accept: 'application/vnd.shop+json', 'X-Requested-With': 'XMLHttpRequest', 'Idempotency-Key': fake.id(), }, expect: 422,",
    )
    expect(notes).toEqual(['Headers left out: x-tenant-id. Add those that the service needs.'])
  })

  it('reads what Chrome writes, with HTTP/2, the messages of WebSockets, initiators and kinds of resources', () => {
    const chrome = {
      _connectionId: '41',
      _initiator: { type: 'script', stack: { callFrames: [{ url: `${shop}/app.js?token=planted-stack` }] } },
      _priority: 'High',
      connection: '443',
    }
    const pseudo = {
      ':authority': 'shop.example.com',
      ':method': 'POST',
      ':path': '/signin',
      'sec-ch-ua': '"Chromium"',
    }
    const { text, notes, variables } = written([
      { url: `${shop}/`, type: 'document', page: 'page_1', response: '<html>', extra: chrome },
      {
        url: `${shop}/signin`,
        at: 5,
        type: 'document',
        page: 'page_1',
        headers: { ...pseudo, 'content-type': 'application/x-www-form-urlencoded' },
        form: { 'user[name]': 'alice', 'user[password]': 'planted & 1' },
        status: 302,
        mediaType: 'x-unknown',
        responseHeaders: { location: '/home' },
        extra: chrome,
      },
      { url: `${shop}/home`, at: 5.1, type: 'document', page: 'page_2', response: '<html>', extra: chrome },
      { url: `${shop}/a.js`, at: 5.2, type: 'script', page: 'page_2', extra: { ...chrome, _fromCache: 'disk' } },
      { url: `${shop}/api/me`, at: 5.3, type: 'fetch', page: 'page_2', response: { id: 7 }, extra: chrome },
      {
        url: 'wss://shop.example.com/live',
        status: 101,
        type: 'websocket',
        extra: { ...chrome, _webSocketMessages: [{ type: 'send', data: 'planted-frame', time: 1, opcode: 1 }] },
      },
    ])
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "// Page / const page = await http.get('/') check(page, { 'GET /: status is 200': ({ status }) => status === 200 }) await sleep('5s')",
    )
    expect(text).toContain("http.post('/signin', { form: { 'user[name]': userName, 'user[password]': userPassword } })")
    // The page after the redirect is a part of the request, and its data has a heading of its own.
    expect(text).toMatch(/\/\/ Page \/api\/me\n\s+const me = await http\.get\('\/api\/me'\)/)
    expect(notes).toEqual(['1 WebSocket was left out: `ws.open` opens one.'])
    expect(variables).toEqual(['SHOP_USER_NAME', 'SHOP_USER_PASSWORD'])
    expect([text, ...notes].join(' ')).not.toContain('planted')
  })

  it('reads what Firefox writes, which names no kinds of resources and keeps cookies apart', () => {
    const { text, variables } = written([
      {
        url: `${shop}/a`,
        headers: { Cookie: 'session=planted-abc-1' },
        response: { ok: true },
        extra: { _securityState: 'secure', serverIPAddress: '192.0.2.1', connection: '443' },
      },
      { url: `${shop}/style.css`, mediaType: 'text/css' },
    ])
    expect(text).toContain("const cookie = environment('SHOP_COOKIE')")
    expect(text).toContain("http.get('/a', { headers: { cookie } })")
    expect(variables).toEqual(['SHOP_COOKIE'])
    expect(text).not.toContain('planted')
  })

  it('takes tokens against forgery from the page that held them', () => {
    const page =
      '<meta content="planted-meta-77" name="csrf-token"><form><input type="hidden" name="_csrf" value="planted-form-88"><input name="q" value="chair"></form>'
    const { text, variables } = written([
      { url: `${shop}/signin`, response: page },
      { url: `${shop}/signin`, at: 1, form: { _csrf: 'planted-form-88', q: 'chair' }, response: '<html>' },
      { url: `${shop}/api/a`, at: 2, headers: { 'X-CSRF-Token': 'planted-meta-77' }, json: {}, response: {} },
    ])
    expect(text).toContain("const csrf = fieldOf(signin, '_csrf')")
    expect(text).toContain("const csrfToken = fieldOf(signin, 'csrf-token')")
    expect(text).toContain("form: { _csrf: csrf, q: 'chair' }")
    expect(text).toContain("headers: { 'x-csrf-token': csrfToken }")
    expect({ variables, leaks: text.includes('planted') }).toEqual({ variables: [], leaks: false })
  })

  it('names operations of GraphQL, which share one path', () => {
    const { text } = written([
      {
        url: `${shop}/graphql`,
        json: { operationName: 'Products', query: 'query Products { items { id } }' },
        response: {},
      },
    ])
    expect(text).toContain("name: '/graphql Products'")
    expect(text).toContain("'POST /graphql Products: status is 200'")
  })

  it('checks no fields of an object that is a map', () => {
    const { text } = written([
      { url: `${shop}/a`, response: { '2026-01': 1, '2026-02': 2, total: 3 } },
      {
        url: `${shop}/b`,
        response: [
          { a: 1, b: null },
          { a: 2, c: 'x' },
        ],
      },
    ])
    expect(text).toContain("'GET /a: body is an object': response => isObject(response.json())")
    expect(text).toContain("return isObject(value) && typeof value.a === 'number'")
  })

  it.each<[string, JsonFields, RegExp]>([
    ['no list of requests', {}, /no list of requests/],
    ['no requests', { entries: [] }, /has no requests .*before you open the first page/],
    ['entries that are none', { entries: [{}, null, 3, { request: { url: 'x' } }] }, /none of the 4 requests/],
    [
      'too many requests',
      { entries: Array.from({ length: 50_001 }, () => ({})) },
      /50001 requests, and at most 50000 are read/,
    ],
    [
      'only static files',
      logOf([{ url: `${shop}/a.css`, mediaType: 'text/css' }]),
      /nothing is left.*--static keeps them/,
    ],
    [
      'more requests than a scenario repeats',
      logOf(Array.from({ length: 201 }, (_, at) => ({ url: `${shop}/a`, at, response: {} }))),
      /201 requests to shop\.example\.com, and a scenario repeats at most 200.*--only/,
    ],
  ])('refuses a recording with %s', (_name, log, message) => expect(refusal(log)).toMatch(message))

  it('chooses by pattern, with ids as in names', () => {
    const visit: HarRequest[] = [
      { url: `${shop}/orders/5017`, response: {} },
      { url: `${shop}/carts/5017`, response: {} },
    ]
    expect(written(visit, { only: ['GET /orders/*'] }).summary).toBe(
      '1 of 2 requests of a recording of shop.example.com',
    )
    expect(refusal(logOf(visit), { only: ['/none'] })).toMatch(
      /no request fits "\/none" \/ There are: GET \/orders\/\{id\}, GET \/carts\/\{id\}\./,
    )
  })

  it('is written as the formatter would', () => {
    expect(texts.length).toBeGreaterThan(10)
    expect(formatErrors(texts.map((text, at) => [`scenario${at}.ts`, text]))).toBe('')
  })
})
