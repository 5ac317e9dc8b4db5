import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** Answers each request with bytes of the test's own, so that they can be what no HTTP library would send. */
export type RawAnswer = (head: string, socket: Socket) => unknown

/** @returns the URL of a server that calls `answer` with the head of each request; bodies are passed over. */
export async function serveRaw(answer: RawAnswer): Promise<string> {
  const server = createServer()
  answerWith(server, answer, 'connection')
  return `http://127.0.0.1:${await portOf(server)}`
}

export function answerWith(server: Server, answer: RawAnswer, event: 'connection' | 'secureConnection'): void {
  const sockets = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let text = ''
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      for (;;) {
        const end = text.indexOf('\r\n\r\n')
        if (end === -1) return
        const head = text.slice(0, end)
        const bodyEnd = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
        if (text.length < bodyEnd) return
        text = text.slice(bodyEnd)
        answer(head, socket)
      }
    })
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
}

export async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Writes so that each part arrives by itself. */
export async function writeInParts(socket: Socket, parts: string[]): Promise<void> {
  for (const part of parts) {
    socket.write(part)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
