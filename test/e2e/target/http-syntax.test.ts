import { describe, expect, it } from 'vitest'
import { operation, testTarget } from './support.ts'

const close = 'Connection: close\r\n'

describe('a request that breaks HTTP', () => {
  it.each<[what: string, status: number, code: string, bytes: string]>([
    ['no Host', 400, 'invalid_header', `GET /products/1 HTTP/1.1\r\n${close}\r\n`],
    ['an empty Host', 400, 'invalid_header', `GET /products/1 HTTP/1.1\r\nHost:\r\n${close}\r\n`],
    ['two Hosts', 400, 'invalid_header', `GET /products/1 HTTP/1.1\r\nHost: a\r\nhost: a\r\n${close}\r\n`],
    ['a Host with a path', 400, 'invalid_header', `GET /products/1 HTTP/1.1\r\nHost: a/b\r\n${close}\r\n`],
    ['a Host with a user', 400, 'invalid_header', `GET /products/1 HTTP/1.1\r\nHost: a@b\r\n${close}\r\n`],
    [
      'two Hosts where nothing is served',
      400,
      'invalid_header',
      `GET /no HTTP/1.1\r\nHost: a\r\nHost: b\r\n${close}\r\n`,
    ],
    ['an absolute target without Host', 400, 'invalid_header', `GET http://a/products/1 HTTP/1.1\r\n${close}\r\n`],
    ['CONNECT', 405, 'method_not_allowed', 'CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n'],
    ['TRACE', 405, 'method_not_allowed', `TRACE /products/1 HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
    ['a folded header', 400, 'invalid_request', `GET /products/1 HTTP/1.1\r\nHost: a\r\nX-A: b\r\n  c\r\n${close}\r\n`],
    ['a space before a colon', 400, 'invalid_request', `GET /products/1 HTTP/1.1\r\nHost : a\r\n${close}\r\n`],
    ['a name with a space', 400, 'invalid_request', `GET /products/1 HTTP/1.1\r\nHost: a\r\nX A: b\r\n${close}\r\n`],
    ['bare line feeds', 400, 'invalid_request', `GET /products/1 HTTP/1.1\nHost: a\n${close}\n`],
    [
      'both lengths',
      400,
      'invalid_request',
      `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n${close}\r\n0\r\n\r\n`,
    ],
    [
      'two lengths that differ',
      400,
      'invalid_request',
      `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n${close}\r\n{}  `,
    ],
    [
      'a coding other than chunked',
      501,
      'unknown_transfer_coding',
      `POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n${close}\r\n0\r\n\r\n`,
    ],
    [
      'a coding in a field of its own',
      501,
      'unknown_transfer_coding',
      `POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n${close}\r\n0\r\n\r\n`,
    ],
    [
      'a coding that does not end in chunked',
      400,
      'invalid_request',
      `POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n${close}\r\n0\r\n\r\n`,
    ],
    [
      'a length that is no number',
      400,
      'invalid_request',
      `POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}`,
    ],
    ['a version of the future', 400, 'invalid_request', 'GET /products/1 HTTP/3.0\r\nHost: a\r\n\r\n'],
    ['a version of HTTP/2', 400, 'invalid_request', `GET /products/1 HTTP/2.0\r\nHost: a\r\n${close}\r\n`],
    ['a query that is not UTF-8', 400, 'invalid_request', `GET /products?q=%E9 HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
    ['half a character', 400, 'invalid_request', `GET /products?q=%E6%9Da HTTP/1.1\r\nHost: a\r\n${close}\r\n`],
    ['a NUL in a header', 400, 'invalid_request', `GET /products/1 HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n${close}\r\n`],
  ])('is refused for %s, as a problem, and counted', async (_what, status, code, bytes) => {
    const target = await testTarget()
    const answer = await target.raw(bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(/^content-type: application\/problem\+json/im)
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1)
    expect(answer).toContain(`"code":"${code}"`)
    if (status === 405) expect(answer).toMatch(/^allow: .*GET.*OPTIONS/im)
    const { operations } = await target.settledLedger()
    expect(operations).toMatchObject([{ arrivals: 1, aborted: 0, statuses: { [status]: 1 } }])
  })

  it('is refused on the control plane and in the documents as well', async () => {
    const target = await testTarget()
    for (const path of ['/_loadcell/ledger', '/metrics', '/openapi.json', '/_loadcell/nothing']) {
      expect(await target.raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n${close}\r\n`)).toMatch(
        /^HTTP\/1\.1 400 [^]*"code":"invalid_header"/,
      )
    }
    for (const path of ['/_loadcell/reset', '/oauth/token']) {
      const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip, chunked\r\n${close}\r\n`
      expect(await target.raw(`${head}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 501 [^]*"code":"unknown_transfer_coding"/)
    }
  })
})

describe('a request that is odd, and allowed', () => {
  it.each([
    ['an absolute target', `GET http://shop.example/products/1?x=1 HTTP/1.1\r\nHost: proxy\r\n${close}\r\n`, 200],
    ['an absolute target without a path', `GET http://shop.example HTTP/1.1\r\nHost: a\r\n${close}\r\n`, 200],
    ['HTTP/1.0 without Host', 'GET /products/1 HTTP/1.0\r\n\r\n', 200],
    ['a Host with a port', `GET /products/1 HTTP/1.1\r\nHost: shop.example:81\r\n${close}\r\n`, 200],
    ['a Host that is an IPv6 address', `GET /products/1 HTTP/1.1\r\nHost: [::1]:81\r\n${close}\r\n`, 200],
    ['a Host with an underscore', `GET /products/1 HTTP/1.1\r\nHost: my_service\r\n${close}\r\n`, 200],
    ['OPTIONS for the whole server', `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n`, 204],
    ['an empty line before it', `\r\nGET /products/1 HTTP/1.1\r\nHost: a\r\n${close}\r\n`, 200],
  ])('is answered: %s', async (_what, bytes, status) => {
    const target = await testTarget()
    const answer = await target.raw(bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    if (status === 204) expect(answer).toMatch(/^allow: .*PATCH/im)
  })

  it('counts an absolute target as the path in it, and links to that', async () => {
    const target = await testTarget()
    const answer = await target.raw(`GET http://x/products?limit=1 HTTP/1.1\r\nHost: a\r\n${close}\r\n`)
    expect(answer).toContain('"next":"/products?limit=1&page=2"')
    await target.raw(`GET http://x/nowhere HTTP/1.1\r\nHost: a\r\n${close}\r\n`)
    await target.raw(`PROPFIND /%70roducts HTTP/1.1\r\nHost: a\r\n${close}\r\n`)
    const report = await target.settledLedger()
    expect(operation(report, 'products.list')?.arrivals).toBe(1)
    expect(operation(report, 'unmatched')?.statuses).toEqual({ 404: 1, 405: 1 })
  })

  it('takes the host of an absolute target for the one that was meant', async () => {
    const target = await testTarget()
    const answer = await target.raw(
      `GET http://evil.example/_loadcell/runs HTTP/1.1\r\nHost: 127.0.0.1\r\n${close}\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  })
})

describe('an answer', () => {
  it.each([
    ['bytes that are not HTTP', 'BROKEN\r\n\r\n', /^200( 400)?$/],
    ['a CONNECT', 'CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n', /^200( 405)?$/],
  ])('comes before that to what stands behind its request: %s', async (_what, bytes, statuses) => {
    const target = await testTarget()
    const answers = await target.raw(`GET /products/1 HTTP/1.1\r\nHost: a\r\n\r\n${bytes}`)
    expect([...answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status).join(' ')).toMatch(statuses)
    expect(answers).toContain('"id":1')
    const account = operation(await target.settledLedger(), 'products.get')
    expect(account).toMatchObject({ statuses: { 200: 1 }, aborted: 0, cut: 0 })
  })
})
