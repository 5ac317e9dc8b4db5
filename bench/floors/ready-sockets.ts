/**
 * The least that a fan-out over WebSockets can cost: a loop writes a ready-made frame to each socket. It parses nothing, and
 * recognises what a client sent by a word in it.
 */
import { createServer, type Socket } from 'node:net'
import { listen } from '../processes/process.ts'
import { markersIn } from '../wire/event.ts'
import { acknowledgementOf, type BenchChatMessage, confirmation, deliveryOf, messageSource } from '../wire/message.ts'
import { frameOf } from '../wire/socket-frame.ts'
import { JOINED_PATH } from '../wire/transport.ts'

const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const { message } = JSON.parse(messageSource()()) as { message: BenchChatMessage }
const one = frameOf(deliveryOf(message, 1_000_000))
const acknowledgement = frameOf(acknowledgementOf(message, 1_000_000))
const confirmed = frameOf(confirmation)

/** Subscribers, and whether each gets a burst in one write. */
const subscribers = new Map<Socket, boolean>()
const joined = new Map<number, Buffer>()

listen(
  createServer({ noDelay: true }, socket => {
    let isJoined = false
    socket.on('error', () => socket.destroy())
    socket.on('close', () => subscribers.delete(socket))
    socket.on('data', chunk => {
      const messages = markersIn(chunk, chunk.length)
      if (messages > 0) {
        for (const [subscriber, atOnce] of subscribers) {
          if (atOnce) subscriber.write(joinedOf(messages))
          else for (let n = 0; n < messages; n++) subscriber.write(one)
        }
        for (let n = 0; n < messages; n++) socket.write(acknowledgement)
      } else if (chunk.includes('subscribe')) {
        subscribers.set(socket, isJoined)
        socket.write(confirmed)
      } else {
        isJoined = chunk.includes(JOINED_PATH)
        socket.write(head)
      }
    })
  }),
)

function joinedOf(messages: number): Buffer {
  const bytes = joined.get(messages) ?? Buffer.concat(Array.from({ length: messages }, () => one))
  joined.set(messages, bytes)
  return bytes
}
