import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { headerOf, type RawAnswer, rawExchange } from '../../support/raw-exchange.ts'
import { connectTo, testTarget } from './support.ts'

const page = { origin: 'https://page.example' }

describe('a page of another origin and the control plane', () => {
  it.each<[string, Record<string, string>]>([
    ['a foreign Origin', { origin: 'https://page.example' }],
    ['the Origin of another port', { origin: 'http://localhost:1' }],
    ['the Origin of a sandbox or a file', { origin: 'null' }],
    ['an Origin that is no origin', { origin: 'localhost' }],
    ['a request from another site', { 'sec-fetch-site': 'cross-site' }],
    ['a request from another host of the site', { 'sec-fetch-site': 'same-site' }],
    ['a name that another DNS led here', { host: 'page.example', origin: 'http://page.example' }],
    ['a name that only looks like this machine', { host: 'localhost.page.example' }],
    ['another that does', { host: 'notlocalhost' }],
    ['such a name without an Origin', { host: 'page.example:8080' }],
  ])('is refused for %s, and nothing is done', async (_name, headers) => {
    const target = await testTarget()
    await fetch(`${target.url}/products/1`)
    const socket = new WebSocket(`${target.url.replace('http', 'ws')}/ws/quotes`)
    await new Promise(resolve => socket.addEventListener('open', resolve))
    const paths = [
      ['POST', '/_loadcell/reset'],
      ['POST', '/_loadcell/disconnect'],
      ['GET', '/_loadcell/ledger'],
      ['GET', '/_loadcell/config'],
      ['PUT', '/_loadcell/faults'],
      ['GET', '/metrics'],
      ['HEAD', '/metrics'],
    ] as const
    for (const [method, path] of paths) {
      const answer = await rawExchange(target.port, path, { method, headers })
      expect(answer.status, `${method} ${path}`).toBe(403)
      if (method !== 'HEAD') expect(answer.body).toMatch(/"code":"(foreign_page|control_forbidden)"/)
    }
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.close()
    const ledger = await target.settledLedger()
    expect(ledger.operations.map(({ operation }) => operation)).toContain('products.get')
  })

  it.each<[string, (port: number) => Record<string, string>]>([
    ['a page of the target itself', port => ({ host: `localhost:${port}`, origin: `http://localhost:${port}` })],
    ['what a user types or clicks', () => ({ 'sec-fetch-site': 'none' })],
    ['such a page without an Origin', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a client that is no browser', () => ({})],
    ['an address', port => ({ host: `127.0.0.1:${port}` })],
    ['the address that stands for all', () => ({ host: '0.0.0.0' })],
    ['a name with the dot of the root', port => ({ host: `LOCALHOST.:${port}` })],
    ['a name below localhost', port => ({ host: `app.localhost:${port}` })],
  ])('are open to %s', async (_name, headersFor) => {
    const target = await testTarget()
    const headers = headersFor(target.port)
    expect((await rawExchange(target.port, '/_loadcell/reset', { method: 'POST', headers })).status).toBe(200)
    expect((await rawExchange(target.port, '/metrics', { headers })).status).toBe(200)
  })

  it('keeps to this with a token, and on a port of its own', async () => {
    const flags = { 'control.token': 'the-token' }
    const target = await testTarget(flags)
    const headers = { authorization: 'Bearer the-token' }
    const ask = (more = {}) => rawExchange(target.port, '/_loadcell/runs', { headers: { ...headers, ...more } })
    expect((await ask()).status).toBe(200)
    expect((await ask(page)).status).toBe(403)
  })

  it('reads the API under any name, and the metrics by any address', async () => {
    const target = await testTarget()
    const host = { host: 'shop.example' }
    expect((await rawExchange(target.port, '/products/1', { headers: host })).status).toBe(200)
    expect((await rawExchange(target.port, '/metrics', { headers: { host: '10.1.2.3:8080' } })).status).toBe(200)
  })
})

describe('CORS', () => {
  const origins = { 'http.cors.origins': '[https://page.example, "http://Local.example:80"]' }
  const allowOrigin = (answer: RawAnswer) => headerOf(answer, 'access-control-allow-origin')

  it('allows no page anything unless it is set', async () => {
    const target = await testTarget()
    const answer = await rawExchange(target.port, '/products/1', { headers: page })
    expect(answer.head.toLowerCase()).not.toContain('access-control')
  })

  it.each<[number, string, string, string?]>([
    [200, 'GET', '/products/1'],
    [404, 'GET', '/nowhere'],
    [400, 'GET', '/products/%zz'],
    [400, 'POST', '/auth/login', '{'],
    [401, 'GET', '/v1/streams/orders'],
    [415, 'POST', '/oauth/token', 'x'],
    [426, 'GET', '/ws/quotes'],
    [200, 'HEAD', '/products'],
    [200, 'GET', '/openapi.json'],
    [405, 'PUT', '/products'],
  ])('is on an answer %i to %s %s', async (status, method, path, body) => {
    const target = await testTarget(origins)
    const answer = await rawExchange(target.port, path, {
      method,
      headers: { ...page, ...(status === 415 && { 'content-type': 'text/plain' }) },
      ...(body !== undefined && { body }),
    })
    expect({
      answerStatus: answer.status,
      allowOriginAnswer: allowOrigin(answer),
      headerOfAnswerVary: headerOf(answer, 'vary'),
    }).toEqual({ answerStatus: status, allowOriginAnswer: page.origin, headerOfAnswerVary: 'Origin' })
    expect(headerOf(answer, 'access-control-expose-headers')).toContain('retry-after')
  })

  it.each<[string, string, Record<string, string>]>([
    ['headers past the limit', `GET /products HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, {}],
    ['bytes that are not HTTP', 'GET /products?q=\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n', {}],
    [
      'a body that does not arrive in time',
      `POST /orders HTTP/1.1\r\nHost: x\r\nOrigin: ${page.origin}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
      { 'http.requestTimeout': '100ms' },
    ],
  ])('is on the answer to %s', async (_name, bytes, flags) => {
    const one = await testTarget({ 'http.cors.origins': page.origin, ...flags })
    const answer = (await one.raw(bytes)).toLowerCase()
    expect(answer).toMatch(/^http\/1\.1 4/)
    expect(answer).toContain(`\r\naccess-control-allow-origin: ${page.origin}\r\n`)
    expect(answer).toContain('\r\nvary: origin\r\n')
    const none = await testTarget(flags)
    expect((await none.raw(bytes)).toLowerCase()).not.toContain('access-control')
  })

  it('is on a stream', async () => {
    const target = await testTarget(origins)
    const authorization = `Bearer ${await target.token('consumer')}`
    const socket = connectTo(target.port)
    socket.write(
      `GET /v1/streams/orders HTTP/1.1\r\nHost: x\r\nOrigin: ${page.origin}\r\nAuthorization: ${authorization}\r\n\r\n`,
    )
    const [head] = (await new Promise(resolve => socket.once('data', data => resolve([data.toString()])))) as [string]
    socket.destroy()
    expect(head).toContain('200 OK')
    expect(head.toLowerCase()).toContain(`access-control-allow-origin: ${page.origin}`)
  })

  it('answers a preflight with the methods of the path and the headers that the page asked for', async () => {
    const target = await testTarget(origins)
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type, x-loadcell-run',
    }
    const answer = await rawExchange(target.port, '/api/v1/orders', {
      method: 'OPTIONS',
      headers: { ...page, ...asked },
    })
    expect({ answerStatus: answer.status, allowOriginAnswer: allowOrigin(answer) }).toEqual({
      answerStatus: 204,
      allowOriginAnswer: page.origin,
    })
    expect(headerOf(answer, 'access-control-allow-methods')).toBe('GET, HEAD, OPTIONS, POST')
    expect(headerOf(answer, 'access-control-allow-headers')).toBe('authorization,content-type, x-loadcell-run')
    expect(headerOf(answer, 'access-control-max-age')).toBe('600')
    expect(headerOf(answer, 'access-control-allow-credentials')).toBeUndefined()
    expect(headerOf(answer, 'vary')).toContain('Origin')
  })

  it.each([
    ['https://page.example', 'https://page.example'],
    ['http://local.example', 'http://local.example'],
    ['https://other.example', undefined],
    ['https://page.example.evil.example', undefined],
    ['http://page.example', undefined],
    ['null', undefined],
  ])('lets the page of %s read it as %s', async (origin, expected) => {
    const target = await testTarget(origins)
    const answer = await rawExchange(target.port, '/products/1', { headers: { origin } })
    expect({
      answerStatus: answer.status,
      allowOriginAnswer: allowOrigin(answer),
      headerOfAnswerVary: headerOf(answer, 'vary'),
    }).toEqual({ answerStatus: 200, allowOriginAnswer: expected, headerOfAnswerVary: 'Origin' })
  })

  it('is open to all with *, and says so to credentials where origins are named', async () => {
    const open = await testTarget({ 'http.cors.origins': '*' })
    const answer = await rawExchange(open.port, '/products/1', { headers: { origin: 'null' } })
    expect({ allowOriginAnswer: allowOrigin(answer), headerOfAnswerVary: headerOf(answer, 'vary') }).toEqual({
      allowOriginAnswer: '*',
      headerOfAnswerVary: undefined,
    })
    const named = await testTarget({ ...origins, 'http.cors.credentials': 'true' })
    const withCredentials = await rawExchange(named.port, '/products/1', { headers: page })
    expect(headerOf(withCredentials, 'access-control-allow-credentials')).toBe('true')
    const both = { 'http.cors.origins': '*', 'http.cors.credentials': 'true' }
    expect(() => loadConfiguration({ env: {}, flags: both })).toThrow(/http\.cors\.credentials: expected false/)
    const path = { 'http.cors.origins': 'https://page.example/path' }
    expect(() => loadConfiguration({ env: {}, flags: path })).toThrow(/http\.cors\.origins: expected '\*' or origins/)
  })

  it('never opens the control plane or the metrics, and lets other settings be changed', async () => {
    const target = await testTarget({ 'http.cors.origins': '*' })
    const headers = { ...page, 'access-control-request-method': 'POST' }
    for (const path of ['/_loadcell/reset', '/%5Floadcell/reset', '/metrics', '/_loadcell/nothing']) {
      for (const method of ['OPTIONS', 'GET', 'POST', 'PROPFIND']) {
        const answer = await rawExchange(target.port, path, { method, headers })
        expect(answer.head.toLowerCase(), `${method} ${path}`).not.toContain('access-control')
      }
    }
    const patch = await fetch(`${target.url}/_loadcell/config`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"auth":{"tokenTtl":"2s"}}',
    })
    expect(patch.status).toBe(200)
  })
})
