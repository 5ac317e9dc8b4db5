import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTunnel } from '../../../../../../harness/client/engine/proxy/tunnel.ts'
import { parseProxy } from '../../../../../../harness/client/proxies/parse-proxy.ts'
import { type RawRequest, rawServer } from '../../../../../support/raw-server.ts'

/** Asks a proxy that answers like this for a tunnel to `[::1]:443`. */
async function tunnel(answer: (request: RawRequest) => unknown, { credentials = '', timeoutMs = 2000 } = {}) {
  const { port, seen } = await rawServer(answer)
  const proxy = parseProxy(`http://${credentials}127.0.0.1:${port}`)
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const { promise, resolve } = Promise.withResolvers<Error | null>()
  openTunnel(socket, { proxy, host: '::1', port: 443, timeoutMs }, resolve)
  const error = await promise
  const message = error?.message.replace(proxy.shown, 'P')
  return { error, message, head: seen[0]?.head, socket }
}

const answering = (text: string) => (request: RawRequest) => void request.socket.write(text)

/** Reads the next bytes of a socket. */
async function next(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk.toString()
}

describe('a tunnel', () => {
  test('is open once the proxy agrees', async () => {
    const { error, head, socket } = await tunnel(answering('HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n'))
    expect(error).toBeNull()
    expect(head).toBe('CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nUser-Agent: loadcell')
    expect(socket.destroyed).toBe(false)
  })

  test('passes on what the server says at once', async () => {
    const { socket } = await tunnel(answering('HTTP/1.0 200 OK\r\n\r\nhello'))
    expect(await next(socket)).toBe('hello')
  })

  test('is open when the answer comes byte by byte', async () => {
    const { error } = await tunnel(async ({ socket }) => {
      for (const byte of 'HTTP/1.1 204 No Content\r\n\r\n') {
        socket.write(byte)
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    })
    expect(error).toBeNull()
  })

  test('is asked for with the credentials of the proxy', async () => {
    const { head } = await tunnel(answering('HTTP/1.1 200 OK\r\n\r\n'), { credentials: 'me:secret@' })
    expect(head).toContain(`Proxy-Authorization: Basic ${Buffer.from('me:secret').toString('base64')}`)
  })
})

describe('a proxy that opens no tunnel', () => {
  test.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'the proxy P answered 403: its rules do not allow this host or port'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', 'the proxy P answered 502: it could not reach the target'],
    ['HTTP/1.1 418 Teapot\r\n\r\n', 'the proxy P answered 418'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'the proxy P does not speak HTTP: got "SSH-2.0-OpenSSH_9.6\\r\\n"'],
    ['HTTP/1.1 nonsense\r\n\r\n', 'the proxy P does not speak HTTP: got "HTTP/1.1 nonsense\\r\\n\\r\\n"'],
    [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, 'the proxy P answered with an endless head'],
  ])('fails with a reason: %.20j', async (answer, expected) => {
    const { message, socket } = await tunnel(answering(answer))
    expect(message).toBe(expected)
    expect(socket.destroyed).toBe(true)
  })

  test.each([
    ['', 'it wants a user name and a password'],
    ['me:secret@', 'it does not accept the user name and password'],
  ])('asks for credentials; given "%s"', async (credentials, expected) => {
    const { message } = await tunnel(answering('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'), { credentials })
    expect(message).toContain(`the proxy P answered 407: ${expected}`)
    expect(message).not.toContain('secret')
  })

  test('closes the connection instead', async () => {
    const { message } = await tunnel(({ socket }) => socket.destroy())
    expect(message).toBe('the proxy P closed the connection instead of answering')
  })

  test('says nothing', async () => {
    const { message, error } = await tunnel(() => {}, { timeoutMs: 50 })
    expect(message).toBe('the proxy P did not open a tunnel in time')
    expect(error).toMatchObject({ code: 'HARNESS_PROXY' })
  })
})
