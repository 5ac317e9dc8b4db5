import type { Socket } from 'node:net'
import { ProxyError, proxyRefusal } from './proxy-error.ts'
import type { Proxy } from './proxy.ts'

interface TunnelOptions {
  proxy: Proxy
  /** The server at its other end. */
  host: string
  port: number
  /** Limit of the time until the proxy has answered. */
  timeoutMs: number
}

/** Limit of the head of the proxy's answer. */
const LARGEST_HEAD_BYTES = 64 * 1024
const HEAD_END = '\r\n\r\n'
const LONGEST_EXCERPT = 60

/**
 * Asks a proxy, over a connection to it, for a tunnel to a server (RFC 9110 §9.3.6).
 * @param done called once: with null when the socket leads to the server, or with the reason why not; then the socket is closed.
 */
export function openTunnel(socket: Socket, options: TunnelOptions, done: (error: Error | null) => void): void {
  const { proxy, timeoutMs } = options
  let isSettled = false
  let head = Buffer.alloc(0)
  const settle = (problem?: string): void => {
    if (isSettled) return
    isSettled = true
    clearTimeout(limit)
    socket.off('readable', read)
    socket.off('error', failed)
    socket.off('close', closed)
    if (problem === undefined) return done(null)
    // Errors while it closes say nothing more.
    socket.on('error', () => {})
    socket.destroy()
    done(new ProxyError(problem))
  }
  const failed = ({ message }: Error): void => settle(`the proxy ${proxy.shown} broke the connection: ${message}`)
  const closed = (): void =>
    settle(`the proxy ${proxy.shown} closed the connection instead of answering${excerptOf(head)}`)
  const read = (): void => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    head = Buffer.concat([head, chunk])
    const end = head.indexOf(HEAD_END)
    if (end === -1) {
      const problem = problemOfStart(head, proxy)
      if (problem !== undefined) settle(problem)
      else if (head.length > LARGEST_HEAD_BYTES) settle(`the proxy ${proxy.shown} answered with an endless head`)
      return
    }
    const status = statusOf(head)
    if (status === undefined) return settle(notHttp(head, proxy))
    if (status < 200 || status > 299)
      return settle(proxyRefusal(proxy.shown, status, proxy.authorization !== undefined))
    const rest = head.subarray(end + HEAD_END.length)
    if (rest.length > 0) socket.unshift(rest)
    settle()
  }
  const limit = setTimeout(
    () => settle(`the proxy ${proxy.shown} did not open a tunnel in time${excerptOf(head)}`),
    timeoutMs,
  )
  socket.on('readable', read)
  socket.on('error', failed)
  socket.on('close', closed)
  socket.write(requestFor(options))
}

function requestFor({ host, port, proxy }: TunnelOptions): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const authorization = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}User-Agent: loadcell\r\n\r\n`
}

/** Returns what is wrong with an incomplete head; undefined while it may become one. */
function problemOfStart(head: Buffer, proxy: Proxy): string | undefined {
  const start = head.toString('latin1', 0, 5)
  return 'HTTP/'.startsWith(start) ? undefined : notHttp(head, proxy)
}

function notHttp(head: Buffer, { shown }: Proxy): string {
  return `the proxy ${shown} does not speak HTTP${excerptOf(head)}`
}

function statusOf(head: Buffer): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head.toString('latin1', 0, 20))?.[1]
  return status === undefined ? undefined : Number(status)
}

function excerptOf(head: Buffer): string {
  return head.length === 0 ? '' : `: got ${JSON.stringify(head.toString('latin1', 0, LONGEST_EXCERPT))}`
}
