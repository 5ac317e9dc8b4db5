import { once } from 'node:events'
import { createServer } from 'node:net'
import { onTestFinished, describe, expect, it } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import { startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { ListenError } from '../../../target/listen.ts'
import { freePort } from '../../support/free-port.ts'
import { untilUnderWay } from './faulty.ts'
import { connectTo, operation, testTarget } from './support.ts'

const controlPort = await freePort()
const target = await testTarget({ 'control.port': String(controlPort) })

async function ask(url: string, path: string, init: RequestInit = {}) {
  const answer = await fetch(`${url}${path}`, init)
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, problem: () => JSON.parse(text) as Problem }
}

const control = (path: string, init?: RequestInit) => ask(target.controlUrl, path, init)

describe('a control plane with a port of its own', () => {
  it('is served on that port and on no other', async () => {
    expect(target.controlUrl).toBe(`http://127.0.0.1:${controlPort}`)
    expect(target.controlUrl).not.toBe(target.url)
    for (const [method, path] of [
      ['GET', '/_loadcell/config'],
      ['GET', '/_loadcell/ledger?run=default'],
      ['POST', '/_loadcell/reset?what=data'],
      ['GET', '/_loadcell/capacity'],
      ['GET', '/metrics'],
    ] as const) {
      expect({ path, status: (await control(path, { method })).status }).toEqual({ path, status: 200 })
      const elsewhere = await ask(target.url, path, { method })
      expect({ path, elsewhereStatus: elsewhere.status, code: elsewhere.problem().code }).toEqual({
        path,
        elsewhereStatus: 404,
        code: 'control_elsewhere',
      })
    }
    expect((await ask(target.url, '/openapi.json')).status).toBe(200)
    expect((await ask(target.url, '/nowhere')).problem().code).toBe('not_found')
  })

  it('serves nothing else, and answers in the same form as the rest of the target', async () => {
    for (const path of ['/products', '/healthz', '/docs', '/v1/streams/orders']) {
      expect((await control(path)).problem()).toMatchObject({ status: 404, code: 'not_found' })
    }
    const wrong = await control('/_loadcell/reset', { headers: { 'x-request-id': 'mine' } })
    expect({
      wrongStatus: wrong.status,
      allow: wrong.headers.get('allow'),
      xRequestId: wrong.headers.get('x-request-id'),
    }).toEqual({ wrongStatus: 405, allow: 'OPTIONS, POST', xRequestId: 'mine' })
    const broken = await control('/_loadcell/config', {
      method: 'PATCH',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    expect(broken.problem().code).toBe('malformed_json')
  })

  it('is neither counted in a run nor affected by faults', async () => {
    const own = await testTarget({
      'control.port': String(await freePort()),
      'faults.rules': JSON.stringify([{ id: 'all', fault: { type: 'status', status: 503 } }]),
    })
    await ask(own.url, '/metrics')
    await ask(own.url, '/_loadcell/ledger')
    for (const path of ['/_loadcell/nowhere', '/nowhere', '/metrics', '/%zz']) await ask(own.controlUrl, path)
    const socket = connectTo(Number(new URL(own.controlUrl).port))
    socket.end('this is not HTTP\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
    expect((await own.settledLedger()).operations).toEqual([])
    expect((await ask(own.url, '/products/1')).status).toBe(503)
    expect(operation(await own.settledLedger(), 'products.get')?.arrivals).toBe(1)
  })

  it('is open to this machine only, or to clients with the token', async () => {
    const socket = connectTo(controlPort)
    socket.write('GET /_loadcell/config HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
    let answer = ''
    socket.on('data', chunk => (answer += chunk.toString()))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 403 [^]*control_forbidden/)
    const guarded = await testTarget({ 'control.port': String(await freePort()), 'control.token': 'the-token' })
    expect((await ask(guarded.controlUrl, '/_loadcell/config')).status).toBe(403)
    const headers = { authorization: 'Bearer the-token' }
    const shown = await ask(guarded.controlUrl, '/_loadcell/config', { headers })
    expect(JSON.parse(shown.text)).toMatchObject({ control: { port: expect.any(Number) as number, token: '***' } })
  })

  it('is served until the last request has ended', async () => {
    const own = await startTarget(
      configuration({
        'control.port': String(await freePort()),
        'http.drainTimeout': '1h',
        'faults.rules': JSON.stringify([{ id: 'hang', fault: { type: 'delay', distribution: '1h' } }]),
      }),
    )
    const socket = connectTo(Number(new URL(own.url).port))
    socket.write('GET /products/1 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await untilUnderWay(own.controlUrl, 1)
    const closed = own.close()
    await expect(fetch(`${own.url}/products/2`)).rejects.toThrow()
    await untilUnderWay(own.controlUrl, 1)
    socket.destroy()
    await closed
    await expect(fetch(`${own.controlUrl}/_loadcell/ledger`)).rejects.toThrow()
  })
})

function configuration(flags: Record<string, string>) {
  return loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent', ...flags } })
}

describe('a port for the control plane', () => {
  it('that is taken keeps the target from starting, and the error names it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    onTestFinished(() => void squatter.close())
    const taken = (squatter.address() as { port: number }).port
    const port = await freePort()
    const start = startTarget(configuration({ 'http.port': String(port), 'control.port': String(taken) }))
    await expect(start).rejects.toThrow(ListenError)
    await expect(start).rejects.toThrow(
      `port ${taken} of 127.0.0.1 is in use by another program: stop it, or choose another port (--set control.port=…)`,
    )
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  })

  it('cannot be the port of the target, and cannot be changed at run time', async () => {
    expect(() => configuration({ 'http.port': '9000', 'control.port': '9000' })).toThrow(
      'control.port: expected another than http.port, or 0 for the same listener, got 9000',
    )
    const patch = await control('/_loadcell/config', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ control: { port: 0 } }),
    })
    expect(patch.problem().errors).toEqual([
      { pointer: '/control/port', detail: `expected ${controlPort} until the target is started again, got 0` },
    ])
    expect((await control('/_loadcell/config', { method: 'PUT', ...(await shown()) })).status).toBe(200)
  })
})

/** Returns the configuration as it is shown, so that it can be restored. */
async function shown(): Promise<RequestInit> {
  const { text } = await control('/_loadcell/config')
  return { headers: { 'content-type': 'application/json' }, body: text }
}
