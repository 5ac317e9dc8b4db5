import { Http2ServerResponse } from 'node:http2'
import type { OutgoingHttpHeaders } from 'node:http'

/** Headers about a connection of HTTP/1.1, which HTTP/2 forbids (RFC 9113 §8.2.2). */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** A response that leaves out what HTTP/2 forbids. Node would leave it out too, and warn of it. */
export class QuietResponse extends Http2ServerResponse {
  override setHeader(name: string, value: number | string | readonly string[]): void {
    if (!FORBIDDEN.has(name)) super.setHeader(name, value)
  }

  override writeHead(status: number, ...rest: (OutgoingHttpHeaders | readonly string[] | string | undefined)[]): this {
    const headers = rest.at(-1) as OutgoingHttpHeaders | undefined
    const allowed: OutgoingHttpHeaders = {}
    for (const name in headers) if (!FORBIDDEN.has(name)) allowed[name] = headers[name]
    return super.writeHead(status, allowed)
  }
}
