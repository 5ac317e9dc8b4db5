import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chunkOf, HttpWire } from '../../../../target/connections/http-wire.ts'
import { until } from '../../../support/stream-client.ts'

let server: Server
let wires: HttpWire[]
let responses: ServerResponse[]
let client: Socket
let received: string

beforeEach(async () => {
  wires = []
  responses = []
  received = ''
  server = createServer((request, response) => {
    responses.push(response)
    if (request.url !== '/stream') {
      response.end('another answer')
      return
    }
    response.writeHead(200, { connection: 'close' }).flushHeaders()
    wires.push(new HttpWire(response, request.socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  client.on('data', bytes => (received += bytes.toString()))
  ask('/stream')
  await until(() => wires.length === 1 && received.includes('\r\n\r\n'))
})

afterEach(() => {
  client.destroy()
  server.close()
})

function ask(path: string): void {
  client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
}

function send(payload: string): void {
  const [wire] = wires
  wire?.socket.write(wire.encoding.bytesOf(chunkOf(payload)))
}

test('objects that only the head needed are released', () => {
  const [response] = responses
  expect(response?.socket).toBe(null)
  expect({ rawHeaders: response?.req.rawHeaders, headers: response?.req.headers }).toEqual({
    rawHeaders: [],
    headers: {},
  })
})

test('a pipelined request behind a stream is never answered within the stream', async () => {
  ask('/other')
  await until(() => responses.length === 2)
  send('a frame')
  await until(() => received.includes('a frame'))
  wires[0]?.end()
  await once(client, 'close')
  expect(received).not.toContain('another answer')
  expect(received.endsWith('7\r\na frame\r\n0\r\n\r\n')).toBe(true)
})

test('a server that closes its idle connections keeps its streams, also when others have ended', async () => {
  const other = connect((server.address() as AddressInfo).port, '127.0.0.1')
  other.on('error', () => {})
  other.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => wires.length === 2)
  other.resetAndDestroy()
  await until(() => wires[1]?.socket.destroyed === true)
  server.closeIdleConnections()
  send('still here')
  await until(() => received.includes('still here'))
})
