/** Answers every request with the same bytes, straight from the socket. It is so cheap that the generator is the bottleneck. */
import { createServer } from 'node:net'
import { listen } from '../processes/process.ts'

const body = '{"status":"ok","items":[1,2,3],"note":"a small answer"}'
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
)

listen(
  createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    // Clients send one small request at a time, so each chunk is one.
    socket.on('data', () => socket.write(answer))
  }),
)
