import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { destroyUnparsed, releaseParser } from '../../../../target/connections/unparsed-sockets.ts'
import { until } from '../../../support/stream-client.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

let server: Server
let responses: ServerResponse[]
let client: Socket
let received: string

beforeEach(async () => {
  responses = []
  received = ''
  server = createServer((_request, response) => {
    responses.push(response)
    response.writeHead(200).flushHeaders()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  client.on('data', bytes => (received += bytes.toString()))
})

afterEach(() => {
  client.destroy()
  server.closeAllConnections()
  server.close()
})

/** Sends this, and returns the server's end once the first request has its answer. */
async function answered(sent: string): Promise<Socket & { parser: object | null }> {
  client.write(sent)
  await until(() => received.includes('\r\n\r\n'))
  return responses[0]!.req.socket as Socket & { parser: object | null }
}

describe('releaseParser', () => {
  it('frees the parser, and the socket still sends', async () => {
    const socket = await answered(REQUEST)
    expect(socket.parser).not.toBeNull()
    releaseParser(socket)
    expect(socket.parser).toBeNull()
    socket.write('afterwards')
    await until(() => received.includes('afterwards'))
  })

  it('gives the socket a parser again when its client sends something, in any pieces', async () => {
    const socket = await answered(REQUEST)
    releaseParser(socket)
    for (const piece of ['GET / HT', 'TP/1.1\r\nHost: local', 'host\r\n\r\n']) {
      client.write(piece)
      await nextTurn()
    }
    await until(() => responses.length === 2)
    expect(socket.parser).not.toBeNull()
  })

  it('reports input that is not HTTP, as before', async () => {
    const socket = await answered(REQUEST)
    releaseParser(socket)
    const refused = once(server, 'clientError')
    client.write('this is not HTTP\r\n\r\n')
    const [error, from] = (await refused) as [NodeJS.ErrnoException, Socket]
    expect({ code: error.code, isSame: from === socket }).toEqual({ code: 'HPE_INVALID_METHOD', isSame: true })
    socket.destroy()
  })

  it('still notices that the client leaves, with a FIN or with a RST', async () => {
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      client.destroy()
      received = ''
      responses = []
      client = connect((server.address() as AddressInfo).port, '127.0.0.1')
      client.on('error', () => {})
      client.on('data', bytes => (received += bytes.toString()))
      const socket = await answered(REQUEST)
      releaseParser(socket)
      client[leave]()
      await until(() => (leave === 'end' ? socket.readableEnded : socket.destroyed))
    }
  })

  it('keeps the parser while the beginning of another request is in it', async () => {
    const socket = await answered(`${REQUEST}GET /next HTTP/1.1\r\n`)
    releaseParser(socket)
    expect(socket.parser).not.toBeNull()
    client.write('Host: localhost\r\n\r\n')
    await until(() => responses.length === 2)
    expect(responses[1]!.req.url).toBe('/next')
  })

  it('does nothing on a socket that Node no longer serves', async () => {
    const socket = await answered(REQUEST)
    socket.destroy()
    await once(socket, 'close')
    releaseParser(socket)
    expect(socket.listenerCount('data')).toBeLessThan(2)
  })
})

describe('destroyUnparsed', () => {
  it('ends the connections that closeAllConnections does not know any more', async () => {
    const socket = await answered(REQUEST)
    releaseParser(socket)
    server.closeAllConnections()
    expect(socket.destroyed).toBe(false)
    destroyUnparsed(server)
    expect(socket.destroyed).toBe(true)
  })

  it('leaves those alone that have a parser again, which closeAllConnections ends', async () => {
    const socket = await answered(REQUEST)
    releaseParser(socket)
    client.write(REQUEST)
    await until(() => responses.length === 2)
    destroyUnparsed(server)
    expect(socket.destroyed).toBe(false)
    server.closeAllConnections()
    expect(socket.destroyed).toBe(true)
  })
})
