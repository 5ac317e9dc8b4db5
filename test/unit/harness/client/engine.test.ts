import { expect, test } from 'vitest'
import { serveRaw } from './raw-server.ts'
import { clientOf, createUser } from './support.ts'

const LENGTH = 'Content-Length: 2\r\n'

const malformed: Record<string, string> = {
  'two equal lengths': `HTTP/1.1 200 OK\r\n${LENGTH}${LENGTH}\r\nok`,
  'two lengths that differ': `HTTP/1.1 200 OK\r\n${LENGTH}Content-Length: 3\r\n\r\nok`,
  'a length and chunks': `HTTP/1.1 200 OK\r\n${LENGTH}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok',
  'a 101 that was not requested': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'a 101 to another protocol': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n',
  'status 000': `HTTP/1.1 000 Weird\r\n${LENGTH}\r\nok`,
  'no HTTP': 'SSH-2.0-OpenSSH_9.0\r\n',
}

test.each(Object.entries(malformed))(
  '%s is no valid HTTP: for requests, streams and WebSockets',
  async (_what, head) => {
    const url = await serveRaw((_head, socket) => socket.write(head))
    const { http, sse, ws, recorder } = createUser(clientOf(url))
    expect(await http.get('/')).toMatchObject({ status: 0, failure: 'protocol' })
    await expect(Array.fromAsync(sse.open('/', { reconnect: false }))).rejects.toThrow(/cannot follow/)
    await expect(ws.open('/', { reconnect: false, timeout: '5s' })).rejects.toThrow(/cannot follow/)
    expect(recorder.requests.map(({ failure }) => failure?.reason)).toEqual(['protocol', 'protocol', 'protocol'])
    const examples = recorder.requests.map(({ failure }) => failure?.example).join()
    expect(examples).not.toMatch(/assert|before the connection was established/)
  },
)

test('a body that ends before its announced length fails as closed', async () => {
  const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc'
  const { http } = createUser(clientOf(await serveRaw((_head, socket) => socket.end(cut))))
  expect(await http.get('/')).toMatchObject({ status: 200, failure: 'closed' })
})

test('headers may be as long as browsers accept', async () => {
  const long = 'a'.repeat(100_000)
  const url = await serveRaw((_head, socket) => socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${long}\r\n${LENGTH}\r\nok`))
  const { http } = createUser(clientOf(url))
  const response = await http.get('/')
  expect({
    failure: response.failure,
    headersXLong: response.headers['x-long'],
    responseText: response.text(),
  }).toEqual({ failure: undefined, headersXLong: long, responseText: 'ok' })
})

test('headers without an end are cut', async () => {
  const endless = `HTTP/1.1 200 OK\r\n${'X-Long: a\r\n'.repeat(40_000)}`
  const { http } = createUser(clientOf(await serveRaw((_head, socket) => socket.write(endless))))
  expect(await http.get('/')).toMatchObject({ status: 0, failure: 'protocol' })
})
