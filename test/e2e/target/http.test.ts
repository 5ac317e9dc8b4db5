import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import { connectTo, event, operation, testTarget } from './support.ts'

const target = await testTarget({ 'http.bodyBytes': '4096', 'http.urlBytes': '512', 'http.headerBytes': '4096' })
const bearer = { authorization: `Bearer ${await target.token()}` }
const json = { 'content-type': 'application/json' }

async function send(path: string, init: RequestInit = {}) {
  const response = await fetch(target.url + path, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, problem: () => JSON.parse(text) as Problem }
}

const publish = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  send('/v1/events/publish', { method: 'POST', body, headers: { ...bearer, ...json, ...headers } })

describe('every answer', () => {
  it('echoes the request id, or makes one', async () => {
    expect((await send('/healthz', { headers: { 'x-request-id': 'mine' } })).headers.get('x-request-id')).toBe('mine')
    expect((await send('/healthz')).headers.get('x-request-id')).toMatch(/./)
    expect((await send('/nowhere')).headers.get('x-request-id')).toMatch(/./)
  })

  it('to HTTP/1.1 without a Host is a problem document, and is counted', async () => {
    const answer = await target.raw('GET /healthz HTTP/1.1\r\nX-Loadcell-Run: hostless\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"invalid_header"/)
    expect(operation(await target.settledLedger('hostless'), 'health.live')?.statuses).toEqual({ '400': 1 })
    const older = await target.raw('GET /healthz HTTP/1.0\r\n\r\n')
    expect(older).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('is sent whatever the client expects', async () => {
    const answer = await target.raw('GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('to a complete request is sent, whatever comes after it', async () => {
    const body = JSON.stringify(event('before-noise'))
    const answer = await target.raw(
      `POST /v1/events/publish HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer.authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}noise\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 202 /)
  })

  it('to an unknown path is a problem document', async () => {
    const { status, headers, problem } = await send('/nowhere', { method: 'POST', body: 'x' })
    expect({ status, contentType: headers.get('content-type') }).toEqual({
      status: 404,
      contentType: expect.stringContaining('application/problem+json'),
    })
    expect(problem()).toMatchObject({
      code: 'not_found',
      status: 404,
      type: expect.any(String),
      title: expect.any(String),
    })
  })

  it('to a method that the path does not allow names the allowed ones', async () => {
    const { status, headers, problem } = await send('/v1/events/publish', { method: 'DELETE' })
    expect({ status, allow: headers.get('allow'), code: problem().code }).toEqual({
      status: 405,
      allow: 'OPTIONS, POST',
      code: 'method_not_allowed',
    })
    const options = await send('/v1/streams/orders', { method: 'OPTIONS' })
    expect({ optionsStatus: options.status, allow: options.headers.get('allow') }).toEqual({
      optionsStatus: 204,
      allow: 'GET, HEAD, OPTIONS',
    })
  })

  it.each([
    ['/api/v1/products/17', 'GET, HEAD, OPTIONS'],
    ['/products/search?q=x', 'GET, HEAD, OPTIONS'],
    ['/tasks/1', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['/oauth/token', 'OPTIONS, POST'],
    ['/_loadcell/reset', 'OPTIONS, POST'],
    ['/metrics', 'GET, HEAD, OPTIONS'],
  ])('to QUERY, PROPFIND and the like of %s says what it takes', async (path, allow) => {
    for (const method of ['QUERY', 'PROPFIND', 'LINK']) {
      const answer = await target.raw(
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 405 [^]*"code":"method_not_allowed"/)
      expect(/^allow: (.*)\r$/im.exec(answer)?.[1]).toBe(allow)
    }
  })

  it('to QUERY of an unknown path is 404, and counted like any other request', async () => {
    for (const path of ['/nowhere', '/products/17/x', '/products/', '/metrics', '/_loadcell/reset', '/healthz']) {
      const answer = await target.raw(
        `QUERY ${path} HTTP/1.1\r\nHost: localhost\r\nX-Loadcell-Run: query\r\nConnection: close\r\n\r\n`,
      )
      const served = ['/metrics', '/_loadcell/reset', '/healthz'].includes(path)
      expect({ path, slice912: answer.slice(9, 12) }).toEqual({ path, slice912: served ? '405' : '404' })
    }
    const { operations } = await target.settledLedger('query')
    expect(operations).toMatchObject([{ operation: 'unmatched', statuses: { 404: 3, 405: 1 } }])
  })

  it.each(['/oauth/token', '/_loadcell/reset', '/v1/events/batch'])(
    'to GET of %s, which takes POST, is 405',
    async path => {
      const { status, headers } = await send(path)
      expect({ status, allow: headers.get('allow') }).toEqual({
        status: 405,
        allow: 'OPTIONS, POST',
      })
    },
  )

  it('to HEAD is the response to GET without the body', async () => {
    const head = await send('/.well-known/jwks.json', { method: 'HEAD' })
    const get = await send('/.well-known/jwks.json')
    expect({ headStatus: head.status, headText: head.text }).toEqual({ headStatus: 200, headText: '' })
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
  })

  it('to a path with broken percent-encoding is 400', async () => {
    const { status, problem } = await send('/v1/streams/%zz')
    expect({ status, code: problem().code }).toEqual({ status: 400, code: 'invalid_request' })
  })

  it.each(['x-tenant-id', 'x-loadcell-run', 'x-loadcell-exchange'])('to an unusable %s is 400', async name => {
    for (const value of ['..', 'x'.repeat(257), '\u0085']) {
      const { status, problem } = await send('/healthz', { headers: { [name]: value } })
      expect({ status, code: problem().code }).toEqual({ status: 400, code: 'invalid_name' })
      expect(problem().detail).toContain(name)
    }
  })
})

describe('a body', () => {
  it('that is not JSON is refused with the position of the error', async () => {
    const { status, problem } = await publish('{"event_type": "x",\n  oops}')
    expect({ status, code: problem().code }).toEqual({ status: 400, code: 'malformed_json' })
    expect(problem().detail).toBe('got "o" at offset 22 (line 2, column 3)')
    expect((await publish('{"a":')).problem().detail).toBe('the text ends at offset 5 (line 1, column 6)')
    expect((await publish(' ')).problem().code).toBe('malformed_json')
  })

  it('that tries to set a prototype is refused', async () => {
    const { status, problem } = await publish('{"event_type":"x","event_id":"1","data":{},"__proto__":{"admin":true}}')
    expect({ status, code: problem().code }).toEqual({ status: 400, code: 'malformed_json' })
  })

  it('over the limit is refused, with or without Content-Length', async () => {
    const long = JSON.stringify({ ...event('long'), source: 'x'.repeat(5000) })
    expect((await publish(long)).problem().code).toBe('body_too_large')
    const answer = await target.raw(
      `POST /v1/events/publish HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer.authorization}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `2000\r\n${'x'.repeat(0x2000)}\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('may be compressed with gzip, and is counted as it was sent', async () => {
    const run = { 'x-loadcell-run': 'gzip' }
    const packed = gzipSync(JSON.stringify(event('packed')))
    expect((await publish(new Uint8Array(packed), { 'content-encoding': 'gzip', ...run })).status).toBe(202)
    const account = operation(await target.settledLedger('gzip'), 'events.publish')
    expect(account).toMatchObject({ bytesIn: packed.length, statuses: { 202: 1 } })
  })

  it('that is a gzip bomb ends at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000, ' '))
    expect(bomb.length).toBeLessThan(4096)
    const { status, problem } = await publish(new Uint8Array(bomb), { 'content-encoding': 'gzip' })
    expect({ status, code: problem().code }).toEqual({ status: 413, code: 'body_too_large' })
  })

  it('that contradicts its headers is refused', async () => {
    expect((await publish('not gzip', { 'content-encoding': 'gzip' })).problem().code).toBe('malformed_body')
    expect((await publish('x', { 'content-encoding': 'br' })).problem().code).toBe('unsupported_media_type')
    expect((await publish('a=b', { 'content-type': 'text/csv' })).problem().code).toBe('unsupported_media_type')
    expect((await publish('{}', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
  })
})

describe('limits of the head', () => {
  it('refuse a URL that is too long with 414, on known and unknown paths', async () => {
    for (const path of ['/healthz?', '/nowhere?', '/v1/streams/']) {
      const { status, problem } = await send(path + 'x'.repeat(600))
      expect({ status, code: problem().code }).toEqual({ status: 414, code: 'uri_too_long' })
    }
  })

  it('refuse too many headers with 431, by bytes and by number', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `X-${index}: y\r\n`).join('')
    for (const flood of [`X-Long: ${'x'.repeat(5000)}\r\n`, many]) {
      const answer = await target.raw(`GET /healthz HTTP/1.1\r\nHost: x\r\n${flood}\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 431 /)
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ code: 'headers_too_large' })
    }
  })

  it('are in bytes: no header is dropped because there are many', async () => {
    const roomy = await testTarget({ 'http.headerBytes': '100000' })
    const many = 'X-Y: z\r\n'.repeat(3000)
    await roomy.raw(`GET /healthz HTTP/1.1\r\nHost: x\r\n${many}X-Loadcell-Run: last\r\nConnection: close\r\n\r\n`)
    expect(operation(await roomy.settledLedger('last'), 'health.live')).toMatchObject({ statuses: { 200: 1 } })
  })

  it('refuse bytes that are not HTTP with 400', async () => {
    const answer = await target.raw('hello there\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('"code":"invalid_request"')
  })
})

describe('the ledger', () => {
  it('agrees with the counts of a client to the byte', async () => {
    const run = { 'x-loadcell-run': 'exact' }
    const requests: [string, RequestInit & { body?: string | URLSearchParams }][] = [
      ['/healthz', {}],
      ['/healthz', { method: 'HEAD' }],
      ['/nowhere', {}],
      ['/nowhere', { method: 'POST', body: 'four', headers: json }],
      ['/healthz', { method: 'PUT', body: 'seven..', headers: json }],
      ['/v1/events/publish', { method: 'POST', body: JSON.stringify(event('é')), headers: { ...bearer, ...json } }],
      ['/v1/events/publish', { method: 'POST', body: '{}', headers: { ...bearer, ...json } }],
      ['/v1/events/publish', { method: 'POST', body: '{]', headers: { ...bearer, ...json } }],
      ['/v1/events/publish', { method: 'POST', body: JSON.stringify(event('no token')), headers: json }],
      ['/v1/streams/orders', { headers: bearer }],
      [
        '/oauth/token',
        { method: 'POST', body: new URLSearchParams({ grant_type: 'x', client_id: 'y', client_secret: 'z' }) },
      ],
    ]
    const counted = { requests: 0, sent: 0, received: 0, statuses: {} as Record<string, number> }
    for (let round = 0; round < 5; round++) {
      const answers = requests.map(([path, init]) =>
        send(path, { ...init, headers: { ...(init.headers as object), ...run } }),
      )
      for (const [index, { status, text }] of (await Promise.all(answers)).entries()) {
        const body = requests[index]![1].body
        counted.requests += 1
        counted.sent += Buffer.byteLength(body?.toString() ?? '')
        counted.received += Buffer.byteLength(text)
        counted.statuses[status] = (counted.statuses[status] ?? 0) + 1
      }
    }
    const { operations, late, ...report } = await target.settledLedger('exact')
    const statuses: Record<string, number> = {}
    for (const account of operations) {
      for (const [status, count] of Object.entries(account.statuses)) statuses[status] = (statuses[status] ?? 0) + count
    }
    const total = (key: 'arrivals' | 'bytesIn' | 'bytesOut' | 'aborted') =>
      operations.reduce((sum, account) => sum + account[key], 0)
    expect({ requests: total('arrivals'), sent: total('bytesIn'), received: total('bytesOut'), statuses }).toEqual(
      counted,
    )
    expect(total('aborted')).toBe(0)
    expect(late).toBeLessThanOrEqual(counted.requests)
    expect(report).toMatchObject({
      records: { kept: counted.requests },
      tokens: { refused: { invalid_token: 5, insufficient_scope: 5 }, rejected: { invalid_client: 5 } },
      events: { received: 10, accepted: 1, duplicate: 4, rejected: 5 },
    })
  })

  it('counts a socket that is cut in mid-request as aborted', async () => {
    const head = `POST /v1/events/publish HTTP/1.1\r\nHost: x\r\nX-Loadcell-Run: cut\r\nAuthorization: ${bearer.authorization}\r\n`
    const socket = connectTo(target.port)
    await once(socket, 'connect')
    socket.write(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"event`)
    for (;;) {
      const report = (await (await fetch(`${target.url}/_loadcell/ledger?run=cut`)).json()) as {
        open?: { requests: number }
      }
      if (report.open?.requests === 1) break
      await delay(5)
    }
    socket.resetAndDestroy()
    const report = await target.settledLedger('cut')
    expect(operation(report, 'events.publish')).toMatchObject({ arrivals: 1, aborted: 1, statuses: {}, bytesOut: 0 })
  })

  it('counts input that never became a request without a path', async () => {
    const before = operation(await target.settledLedger(), 'unmatched')?.statuses['431'] ?? 0
    await target.raw(`GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(5000)}\r\n\r\n`)
    expect(operation(await target.settledLedger(), 'unmatched')?.statuses['431']).toBe(before + 1)
  })
})

describe('a slow body', () => {
  it('is refused with 408, and counted', async () => {
    const impatient = await testTarget({ 'http.requestTimeout': '200ms' })
    const token = await impatient.token()
    const answer = await impatient.raw(
      `POST /v1/events/publish HTTP/1.1\r\nHost: x\r\nX-Loadcell-Run: slow\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"event',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('"code":"request_timeout"')
    const report = await impatient.settledLedger('slow')
    expect(operation(report, 'events.publish')).toMatchObject({ arrivals: 1, aborted: 0, statuses: { 408: 1 } })
  })
})
