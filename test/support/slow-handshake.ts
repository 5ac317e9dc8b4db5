import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

/** Runs in its own process, because it is slow by blocking its event loop. */
const SERVER = `
const { createHash } = require('node:crypto')
const server = require('node:http').createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' })
    return response.end('data: {"a":1}\\n\\n')
  }
  response.setHeader('connection', 'close')
  response.end('ok')
})
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
  const accept = createHash('sha1').update(key).digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
})
process.stdin.on('data', () => {
  require('node:fs').writeSync(1, 'blocked\\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1400)
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))
`

/**
 * A server on 127.0.0.1 whose queue of connections is full while it sleeps for 1.4 s: a handshake waits until its SYN is sent
 * again. `block` resolves once that is so. It answers `/events` with a stream, and every handshake of a WebSocket.
 */
export async function slowServer(): Promise<{ port: number; block: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [told] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(told.toString())
  return {
    port,
    async block() {
      const blocked = once(child.stdout, 'data')
      child.stdin.write('block\n')
      await blocked
      for (let filler = 0; filler < 2; filler++) {
        const socket = connect(port, '127.0.0.1').on('error', () => {})
        onTestFinished(() => void socket.destroy())
      }
    },
  }
}
