/** A first version with `ws`: it encodes every message again for each recipient, and sends each by itself. */
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { listen } from '../processes/process.ts'
import { serveMemory } from '../processes/memory.ts'
import { acknowledgementOf, type BenchChatMessage, confirmation, deliveryOf } from '../wire/message.ts'

const subscribers = new Set<WebSocket>()
let sequence = 0

const server = createServer()
new WebSocketServer({ server }).on('connection', webSocket => {
  webSocket.on('error', () => webSocket.terminate())
  webSocket.on('close', () => subscribers.delete(webSocket))
  webSocket.on('message', (data: Buffer) => {
    const { action, message } = JSON.parse(data.toString()) as { action: string; message: BenchChatMessage }
    if (action === 'subscribe') {
      subscribers.add(webSocket)
      webSocket.send(confirmation)
      return
    }
    sequence++
    for (const subscriber of subscribers) subscriber.send(deliveryOf(message, sequence))
    webSocket.send(acknowledgementOf(message, sequence))
  })
})
serveMemory()
listen(server)
