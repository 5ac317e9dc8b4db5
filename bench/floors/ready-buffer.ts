/**
 * The least a fan-out can cost: one buffer, framed long before, written to each socket in a loop. A burst is one buffer
 * too. Whoever sends POST is the publisher, whoever sends GET a subscriber; no HTTP is parsed.
 */
import { createServer, type Socket } from 'node:net'
import { eventSource, sseFrame } from '../event.ts'
import { listen } from '../listen.ts'

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n'
const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'
const frame = sseFrame(JSON.parse(eventSource()()) as Record<string, unknown>, 1_000_000)
const one = Buffer.from(`${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`)
const sixteen = Buffer.concat(Array.from({ length: 16 }, () => one))
const subscribers = new Set<Socket>()

listen(
  createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    socket.on('close', () => subscribers.delete(socket))
    socket.on('data', chunk => {
      if (chunk.toString('latin1', 0, 3) === 'GET') {
        subscribers.add(socket)
        socket.write(head)
      } else if (chunk.toString('latin1', 0, 4) === 'POST') {
        const frames = chunk.toString('latin1', 0, 32).includes('batch') ? sixteen : one
        for (const subscriber of subscribers) subscriber.write(frames)
        socket.write(accepted)
      }
    })
  }),
)
