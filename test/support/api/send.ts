import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Outgoing {
  method: string
  /** Path and query as they are sent. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface Received {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export type Send = (outgoing: Outgoing) => Promise<Received>

const endless = /^(text\/event-stream|application\/x-ndjson)/

/** Sends requests that `fetch` would correct. A stream is closed once its head has arrived. */
export function sender(url: string): Send {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  return ({ method, path, headers = {}, body = '' }) =>
    new Promise((resolve, reject) => {
      const length = body.length > 0 || method !== 'GET' ? { 'content-length': String(Buffer.byteLength(body)) } : {}
      const outgoing = request({ agent, hostname, port, method, path, headers: { ...length, ...headers } }, answer => {
        const { statusCode: status = 0, headers } = answer
        if (!endless.test(headers['content-type'] ?? '')) {
          text(answer).then(text => resolve({ status, headers, text }), reject)
          return
        }
        answer.destroy()
        resolve({ status, headers, text: '' })
      })
      outgoing.setTimeout(10_000, () => outgoing.destroy(new Error(`${method} ${path} was not answered`)))
      outgoing.on('error', reject)
      outgoing.end(body)
    })
}
