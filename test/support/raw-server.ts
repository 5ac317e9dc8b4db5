import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished, type TestContext } from 'vitest'

export interface RawRequest {
  /** The head as received, one character for each byte. */
  head: string
  /** The head's first line. */
  line: string
  /** Ordinal of the connection, and of the request on it, from 1. */
  connection: number
  ordinal: number
  socket: Socket
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok'

/**
 * Starts a raw server for one test. `answer` is called with every head, and bodies are skipped. Returns its URL and the requests.
 * @param context that of the test, if others run at the same time.
 */
export async function rawServer(
  answer: (request: RawRequest) => void,
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<{ url: string; port: number; seen: RawRequest[] }> {
  const seen: RawRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ allowHalfOpen: true }, socket => {
    const connection = (connections += 1)
    let ordinal = 0
    let text = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', data => {
      text += data.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end)
        const behind = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
        if (text.length < behind) return
        text = text.slice(behind)
        const request = { head, line: head.split('\r\n', 1)[0] as string, connection, ordinal: (ordinal += 1), socket }
        seen.push(request)
        answer(request)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, seen }
}

/** Answers requests of all three kinds: HTTP with text, streams with an event, WebSockets with a refusal. */
export function answerAny({ head, socket }: RawRequest): void {
  if (/^upgrade: websocket/im.test(head)) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  } else if (head.includes('text/event-stream')) {
    const fields = 'Content-Type: text/event-stream\r\nConnection: close'
    socket.end(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\ndata: {"a":1}\n\n`)
  } else socket.write(OK)
}

/** The field of a head, its bytes read as UTF-8. */
export function fieldOf({ head }: RawRequest, name: string): string | undefined {
  const value = new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]
  return value === undefined ? undefined : Buffer.from(value, 'latin1').toString()
}
