/**
 * Sends events as fast as each client reads them, many joined in one write: an event stream to a GET of `/events`, and a WebSocket to one of
 * `/ws/chat`. Offsets and sequences go up, so that a reader that checks the order finds nothing.
 */
import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { listen } from '../processes/process.ts'
import { frameOf } from '../wire/socket-frame.ts'

/** Events that one write joins. */
const JOINED = 64
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const streamHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n'
/** A close with 1000. */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xe8])
const notFound = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'

listen(
  createServer({ noDelay: true }, socket => {
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => answer(socket, chunk.toString('latin1')))
  }),
)

function answer(socket: Socket, request: string): void {
  if (request.startsWith('GET /events')) {
    socket.write(streamHead)
    flood(socket, streamEvents)
  } else if (request.startsWith('GET /ws/chat')) {
    const key = /sec-websocket-key: *(\S+)/i.exec(request)?.[1] ?? ''
    const accept = createHash('sha1')
      .update(key + WEBSOCKET_GUID)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    flood(socket, socketEvents)
  } else if (request.startsWith('GET ')) socket.write(notFound)
  // A client sends nothing else over a WebSocket but its close frame.
  else socket.end(closeFrame)
}

function flood(socket: Socket, eventsFrom: (first: number) => Buffer): void {
  let next = 0
  const pour = () => {
    while (socket.writable) {
      const events = eventsFrom(next)
      next += JOINED
      if (!socket.write(events)) return void socket.once('drain', pour)
    }
  }
  pour()
}

function streamEvents(first: number): Buffer {
  let text = ''
  for (let offset = first; offset < first + JOINED; offset++) {
    text += `id: k3v9qx-${offset}\nevent: order.created\ndata: {"event_type":"order.created","source":"bench","data":{"order_id":"o-1001","total":44.25},"stream":"orders","partition":3,"offset":${offset}}\n\n`
  }
  return Buffer.from(text)
}

function socketEvents(first: number): Buffer {
  const frames: Buffer[] = []
  for (let sequence = first; sequence < first + JOINED; sequence++) {
    frames.push(
      frameOf(
        `{"type":"message_delivered","channel":"bench","sequence":${sequence},"message":{"id":${sequence},"from":"bench","text":"a message of some length for all members"}}`,
      ),
    )
  }
  return Buffer.concat(frames)
}
