import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  head: string
  status: number
  body: string
  /** How the connection ended: `ECONNRESET` for a RST, nothing for a FIN. */
  errorCode: string | undefined
  /** From sending the request to the end. */
  tookMs: number
}

export interface RawRequest {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** Sends one request on a new connection, and returns everything received until the target ended it. */
export async function rawExchange(port: number, path: string, request: RawRequest = {}): Promise<RawAnswer> {
  const { method = 'GET', headers = {}, body } = request
  const all = {
    host: 'localhost',
    connection: 'close',
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const socket = connect({ port, host: '127.0.0.1' })
  let errorCode: string | undefined
  socket.on('error', (error: NodeJS.ErrnoException) => (errorCode = error.code))
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  const startedAt = performance.now()
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`)
  await closed(socket)
  const tookMs = performance.now() - startedAt
  const [head = '', ...rest] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n')
  return {
    head,
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    body: rest.join('\r\n\r\n'),
    errorCode,
    tookMs,
  }
}

/** However it ends. */
export function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.once('close', () => resolve()))
}

/** A header of a raw response, or undefined. */
export function headerOf({ head }: RawAnswer, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]
}
