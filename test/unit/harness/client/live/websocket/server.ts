import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Clock, systemClock } from '../../../../../../core/clock.ts'
import type { HarnessClient } from '../../../../../../harness/client/client.ts'
import { type TestUser, clientOf, createUser, listen } from '../../support.ts'

/** The status to refuse a handshake with, and headers; nothing to let it pass. */
export type Gate = (
  request: IncomingMessage,
) => { status: number; headers?: Record<string, string>; body?: string } | undefined

/** A WebSocket server for one test, a client of it and a user. `talk` is called with each connection. */
export async function serveSockets(
  talk: (socket: WebSocket, request: IncomingMessage) => void,
  options: { gate?: Gate; clock?: Clock; compression?: boolean; autoPong?: boolean } = {},
): Promise<TestUser & { client: HarnessClient; url: string; sockets: Set<WebSocket> }> {
  const server = createServer()
  const { compression = false, autoPong = true } = options
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: compression, autoPong })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {})
    const refusal = options.gate?.(request)
    if (refusal !== undefined) {
      const { status, headers = {}, body = '' } = refusal
      const lines = Object.entries({
        'content-length': String(Buffer.byteLength(body)),
        connection: 'close',
        ...headers,
      })
      socket.end(
        `HTTP/1.1 ${status} No\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
      )
      return
    }
    webSockets.handleUpgrade(request, socket, head, webSocket => talk(webSocket, request))
  })
  const url = await listen(server)
  onTestFinished(() => {
    for (const socket of webSockets.clients) socket.terminate()
  })
  const { clock } = options
  const client = clientOf(url, { ...(clock && { clock }) })
  return { ...createUser(client, { ...(clock && { clock }) }), client, url, sockets: webSockets.clients }
}

/** Answers each JSON frame. */
export function answering(answer: (frame: Record<string, unknown>) => object | undefined) {
  return (socket: WebSocket) => {
    socket.on('message', data => {
      const reply = answer(JSON.parse((data as Buffer).toString()) as Record<string, unknown>)
      if (reply !== undefined) socket.send(JSON.stringify(reply))
    })
  }
}

export async function nextMessage(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(5)
}
