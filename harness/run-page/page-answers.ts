import type { IncomingMessage, ServerResponse } from 'node:http'
import { pageHeaders } from '../../pages/assets.ts'

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', body)
}

/** Answers with a problem document. @param detail says what was expected */
export function refuse(response: ServerResponse, status: number, detail: string): void {
  send(response, status, 'application/problem+json', { status, detail })
}

/**
 * Reads a body of JSON as text, and calls `take` with it. A longer one, and one of another type, is refused.
 * @param what is expected, such as `a command`
 */
export function readJsonText(
  request: IncomingMessage,
  response: ServerResponse,
  { what, mostBytes }: { what: string; mostBytes: number },
  take: (text: string) => void,
): void {
  if (request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'expected JSON')
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= mostBytes) return
    request.removeAllListeners('data').removeAllListeners('end').resume()
    refuse(response, 413, `expected ${what} of at most ${mostBytes} bytes`)
  })
  request.on('end', () => take(Buffer.concat(chunks).toString()))
}

function send(response: ServerResponse, status: number, mediaType: string, body: object): void {
  response.writeHead(status, { ...pageHeaders, 'content-type': mediaType }).end(JSON.stringify(body))
}
