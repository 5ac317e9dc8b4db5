import dns from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answerAny, rawServer } from '../../../../support/raw-server.ts'
import { slowServer } from '../../../../support/slow-handshake.ts'
import { clientOf, closedPort, createUser } from '../support.ts'

const NAME = 'bench.example'

/** Has the name resolve to these addresses, in this order. */
function resolveTo(...addresses: string[]): void {
  const real = dns.lookup
  const found = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
  const lookup = (host: string, options: dns.LookupAllOptions, callback: (...result: unknown[]) => void) =>
    host === NAME ? callback(null, found) : real(host, options, callback)
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup)
  onTestFinished(() => spy.mockRestore())
}

describe('a name with several addresses', () => {
  test('is reached at the first that answers, however slowly, by HTTP, SSE and WebSocket', async () => {
    const { port, block } = await slowServer()
    const { http, sse, ws, recorder } = createUser(clientOf(`http://${NAME}:${port}`))
    resolveTo('127.0.0.1', '::1')
    await block()
    const events = async () => {
      let count = 0
      for await (const _ of sse.open('/events', { reconnect: false })) count += 1
      return count
    }
    const [answer, count, socket] = await Promise.all([http.get('/'), events(), ws.open('/ws')])
    expect({ answerStatus: answer.status, count }).toEqual({ answerStatus: 200, count: 1 })
    expect(recorder.failures).toEqual([])
    void socket.close()
  })

  test('is reached at the next where the first refuses', async () => {
    const { port, seen } = await rawServer(answerAny)
    const { http, ws } = createUser(clientOf(`http://${NAME}:${port}`))
    resolveTo('::1', '127.0.0.1')
    expect((await http.get('/')).status).toBe(200)
    await expect(ws.open('/')).rejects.toThrow('404')
    expect(seen[0]?.head).toContain(`host: ${NAME}:${port}\r\n`)
  })

  test('is reached at the next if the first does not respond in time', async () => {
    const { port, block } = await slowServer()
    const server = createServer((_request, response) => response.end('the other'))
    server.listen(port, '127.0.0.2')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { http } = createUser(clientOf(`http://${NAME}:${port}`))
    resolveTo('127.0.0.1', '127.0.0.2')
    await block()
    expect((await http.get('/')).text()).toBe('the other')
  })

  test('fails with the errors of its addresses', async () => {
    const { http, ws, recorder } = createUser(clientOf(`http://${NAME}:${await closedPort()}`))
    resolveTo('::1', '127.0.0.1')
    expect((await http.get('/')).failure).toBe('refused')
    await expect(ws.open('/')).rejects.toThrow('ECONNREFUSED')
    expect(recorder.requests.map(({ failure }) => failure?.reason)).toEqual(['refused', 'refused'])
  })
})

test('a name that does not resolve is reported as a DNS failure', async () => {
  const { http, ws, recorder } = createUser(clientOf('http://nowhere.invalid'))
  expect((await http.get('/')).failure).toBe('dns')
  await expect(ws.open('/')).rejects.toThrow('nowhere.invalid')
  expect(recorder.requests.map(({ failure }) => failure?.reason)).toEqual(['dns', 'dns'])
})
