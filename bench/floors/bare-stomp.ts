/**
 * A first version of STOMP with `ws`: a loop writes the same ready-made MESSAGE to each subscriber. It takes every frame for what the
 * bench sends, and knows no version, escape, receipt, limit or account.
 */
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { serveMemory } from '../processes/memory.ts'
import { listen } from '../processes/process.ts'

const CONNECTED = 'CONNECTED\nversion:1.2\n\n\0'

const subscribers = new Set<WebSocket>()
let sequence = 0

const server = createServer()
new WebSocketServer({ server, path: '/stomp' }).on('connection', webSocket => {
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('close', () => subscribers.delete(webSocket))
  webSocket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (text.startsWith('CONNECT')) webSocket.send(CONNECTED)
    else if (text.startsWith('SUBSCRIBE')) subscribers.add(webSocket)
    else {
      sequence += 1
      const body = text.slice(text.indexOf('\n\n') + 2)
      const message = `MESSAGE\nsubscription:1\nmessage-id:${sequence}\ndestination:/rooms/bench\n\n${body}`
      for (const subscriber of subscribers) subscriber.send(message)
    }
  })
})
serveMemory()
listen(server)
