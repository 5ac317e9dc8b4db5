/**
 * The least that a fan-out can cost: a loop writes a ready-made frame to each socket. It parses no HTTP: a client that sends POST is
 * the publisher, and one that sends GET is a subscriber.
 */
import { createServer, type Socket } from 'node:net'
import { eventSource, sseFrame } from '../wire/event.ts'
import { listen } from '../processes/process.ts'
import { JOINED_PATH } from '../wire/transport.ts'

const BURST = 16
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n'
const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'
const frame = sseFrame(JSON.parse(eventSource()()) as Record<string, unknown>, 1_000_000)
const one = Buffer.from(`${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`)
const burst = Buffer.concat(Array.from({ length: BURST }, () => one))

/** Subscribers, and the writes that each gets for a burst. */
const subscribers = new Map<Socket, Buffer[]>()

listen(
  createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    socket.on('close', () => subscribers.delete(socket))
    socket.on('data', chunk => {
      const line = chunk.toString('latin1', 0, 32)
      if (line.startsWith('GET')) {
        subscribers.set(socket, line.includes(JOINED_PATH) ? [burst] : Array.from({ length: BURST }, () => one))
        socket.write(head)
      } else if (line.startsWith('POST')) {
        if (line.includes('batch')) {
          for (const [subscriber, buffers] of subscribers) for (const buffer of buffers) subscriber.write(buffer)
        } else {
          for (const subscriber of subscribers.keys()) subscriber.write(one)
        }
        socket.write(accepted)
      }
    })
  }),
)
