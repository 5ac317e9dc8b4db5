import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { buildTarget, startTarget } from '../../../target/app.ts'
import { loadConfiguration } from '../../../target/configuration/load.ts'
import { ListenError } from '../../../target/listen.ts'
import { connectTo, testTarget } from './support.ts'

const configuration = (flags: Record<string, string> = {}) =>
  loadConfiguration({ env: {}, flags: { 'http.port': '0', 'log.level': 'silent', ...flags } })

describe('health', () => {
  it('is served at three paths', async () => {
    const target = await testTarget()
    for (const path of ['/healthz', '/readyz', '/api/v1/health']) {
      expect(await (await fetch(target.url + path)).json()).toEqual({
        status: 'ok',
        version: 'development',
        uptime_ms: expect.any(Number),
      })
    }
  })

  it('is alive but not ready before it listens', async () => {
    const target = await buildTarget(configuration(), { version: '1.2.3' })
    afterAll(() => target.close())
    const ready = await target.app.inject('/readyz')
    expect({ readyStatusCode: ready.statusCode, readyJson: ready.json() }).toEqual({
      readyStatusCode: 503,
      readyJson: expect.objectContaining({ code: 'not_ready' }),
    })
    expect((await target.app.inject('/healthz')).json()).toMatchObject({ status: 'ok', version: '1.2.3' })
  })
})

describe('a start that fails', () => {
  it('names the port that is taken, with an instruction', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    afterAll(() => squatter.close())
    const { port } = squatter.address() as AddressInfo
    const start = startTarget(configuration({ 'http.port': String(port) }))
    await expect(start).rejects.toThrow(ListenError)
    await expect(start).rejects.toThrow(`port ${port} of 127.0.0.1 is in use by another program: stop it, or choose`)
  })

  it('says which address this machine does not have', async () => {
    await expect(startTarget(configuration({ 'http.host': '192.0.2.1' }))).rejects.toThrow('no address 192.0.2.1')
  })
})

describe('close', () => {
  it('completes a request in progress, and accepts no new connection', async () => {
    const target = await startTarget(configuration({ 'http.drainTimeout': '1h' }))
    const port = Number(new URL(target.url).port)
    const socket = connectTo(port)
    let answer = ''
    socket.on('data', chunk => (answer += chunk.toString()))
    const body = 'grant_type=client_credentials&client_id=producer-service&client_secret=producer-secret'
    const head = `POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`
    socket.write(head + body.slice(0, 10))
    while (!(await requestIsOpen(target.url))) await delay(5)
    const closed = target.close()
    expect(target.close()).toBe(closed)
    await expect(fetch(`${target.url}/healthz`)).rejects.toThrow()
    socket.write(body.slice(10))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toContain('access_token')
    await closed
  })

  it('cuts requests that do not end in time', async () => {
    const target = await startTarget(configuration({ 'http.drainTimeout': '50ms' }))
    const socket = connectTo(Number(new URL(target.url).port))
    socket.write(
      'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    )
    while (!(await requestIsOpen(target.url))) await delay(5)
    const cut = once(socket, 'close')
    await target.close()
    await cut
  })

  it('ends open streams whole', async () => {
    const target = await testTarget()
    const authorization = `Bearer ${await target.token('consumer')}`
    const stream = await fetch(`${target.url}/v1/streams/orders`, { headers: { authorization } })
    const text = stream.text()
    await target.close()
    expect(await text).toContain('retry: 2000')
  })
})

describe('the log', () => {
  it('has no line per request, and shows clients neither secrets nor stack traces', async () => {
    let written = ''
    const log = pino({ level: 'debug' }, { write: (line: string) => (written += line) })
    const target = await buildTarget(configuration({ 'control.token': 'the-token', 'log.level': 'debug' }), { log })
    afterAll(() => target.close())
    await target.app.inject({ url: '/_loadcell/config', headers: { authorization: 'Bearer wrong-token' } })
    await target.app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/json' },
      payload: { grant_type: 'client_credentials', client_id: 'producer-service', client_secret: 'wrong-secret' },
    })
    expect(written).toBe('')
    // No request can make the target itself fail, so this does.
    target.streams.disconnect = () => {
      throw new Error('out of order')
    }
    const broken = await target.app.inject({
      method: 'POST',
      url: '/_loadcell/disconnect',
      headers: { authorization: 'Bearer the-token' },
    })
    expect({ brokenStatusCode: broken.statusCode, brokenJson: broken.json() }).toEqual({
      brokenStatusCode: 500,
      brokenJson: expect.objectContaining({ code: 'internal_error' }),
    })
    expect(broken.body).not.toMatch(/out of order|\.ts/)
    expect(written).toContain('out of order')
    expect(written).not.toContain('the-token')
  })
})

async function requestIsOpen(url: string): Promise<boolean> {
  const report = (await (await fetch(`${url}/_loadcell/ledger`)).json()) as { open: { requests: number } }
  return report.open.requests > 0
}
