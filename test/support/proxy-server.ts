import { once } from 'node:events'
import { type IncomingMessage, createServer, request as requestOf } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:https'
import { onTestFinished, type TestContext } from 'vitest'
import type { Certified } from './certificates.ts'

export interface ProxyServer {
  /** Without credentials. */
  url: string
  port: number
  /** First lines of the requests, with their `Proxy-Authorization` if they have one. */
  seen: { line: string; authorization: string | undefined }[]
}

interface ProxyOptions {
  /** User and password that it wants: `me:secret`. */
  credentials?: string
  /** Status that it answers everything with. */
  refusal?: number
  /** Certificate, for a proxy that speaks TLS itself. */
  certified?: Certified
}

/** Starts an HTTP proxy on 127.0.0.1 that forwards requests and opens tunnels. */
export async function proxyServer(
  { credentials, refusal, certified }: ProxyOptions = {},
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<ProxyServer> {
  const seen: ProxyServer['seen'] = []
  const sockets = new Set<Socket>()
  const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
  /** Notes a request. Returns the status with which it is refused, or undefined. */
  const judge = ({ method, url, headers }: IncomingMessage): number | undefined => {
    const authorization = headers['proxy-authorization']
    seen.push({ line: `${method} ${url}`, authorization })
    return refusal ?? (wanted === undefined || authorization === wanted ? undefined : 407)
  }
  const server = certified === undefined ? createServer() : createSecureServer(certified)
  server.on('request', (request, response) => {
    const status = judge(request)
    if (status !== undefined) return response.writeHead(status).end('refused by the proxy')
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = requestOf(request.url!, { method: request.method!, headers, agent: false }, answer => {
      response.writeHead(answer.statusCode!, { ...answer.headers, via: '1.1 test' })
      answer.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
    return request.pipe(onward)
  })
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const status = judge(request)
    if (status !== undefined) return socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`)
    const { hostname, port } = new URL(`http://${request.url}`)
    const to = { port: Number(port || 80), host: hostname.replaceAll(/[[\]]/g, ''), allowHalfOpen: true }
    const onward = connect(to, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    sockets.add(onward)
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
    return onward
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `${certified === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, port, seen }
}
