import { once } from 'node:events'
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type SecureClientSessionOptions } from 'node:http2'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { LedgerReport, OperationAccount } from '../../../contract/ledger.ts'
import { testTarget, type TestTarget } from './support.ts'

export interface SecureTarget extends TestTarget {
  /** Opens an HTTP/2 connection, closed with the test. */
  session(options?: SecureClientSessionOptions): ClientHttp2Session
  /** Opens a TLS connection. */
  secured(options?: ConnectionOptions): Promise<TLSSocket>
  /** Returns the account of an operation once nothing is under way. */
  account(operation: string): Promise<OperationAccount>
  ledger(): Promise<LedgerReport>
  metric(name: string): Promise<number>
  metrics(): Promise<string>
}

/** An answer over HTTP/2, or how its stream ended without one. */
export interface Http2Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** Code of the RST_STREAM; 0 for a whole answer. */
  code: number
}

/** A target with TLS and a certificate that it makes itself. */
export async function secureTarget(flags: Record<string, string> = {}): Promise<SecureTarget> {
  const target = await testTarget({ 'tls.enabled': 'true', ...flags })
  const trust = { ca: target.tls!.trusted }
  const control = async (path: string): Promise<string> => {
    const session = connect(target.controlUrl, trust)
    session.on('error', () => {})
    const { text } = await answerOf(session, { ':path': path })
    session.close()
    return text
  }
  const metrics = () => control('/metrics')
  const ledger = async () => JSON.parse(await control('/_loadcell/ledger')) as LedgerReport
  return {
    ...target,
    ledger,
    metrics,
    session(options) {
      const session = connect(target.url, { ...trust, ...options })
      session.on('error', () => {})
      onTestFinished(() => session.destroy())
      return session
    },
    async secured(options) {
      const socket = connectTls({ host: '127.0.0.1', port: target.port, ...trust, ...options })
      onTestFinished(() => void socket.destroy())
      await once(socket, 'secureConnect')
      return socket
    },
    async account(operation) {
      for (;;) {
        const { open, operations } = await ledger()
        const account = operations.find(each => each.operation === operation)
        if (account !== undefined && open.requests === 0) return account
        await delay(5)
      }
    },
    async metric(name) {
      const line = (await metrics()).split('\n').find(each => each.startsWith(`${name} `))
      return Number(line?.split(' ')[1])
    },
  }
}

/** Sends a request, and resolves with its answer or the end of its stream. */
export function answerOf(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Http2Answer> {
  return new Promise(resolve => {
    const stream = session.request(headers, { endStream: body === undefined })
    const answer: Http2Answer = { status: 0, headers: {}, text: '', code: 0 }
    stream.on('response', received => {
      answer.status = Number(received[':status'])
      answer.headers = received
    })
    stream.on('data', (chunk: Buffer) => (answer.text += chunk.toString()))
    stream.on('error', () => {})
    stream.on('close', () => resolve({ ...answer, code: stream.rstCode }))
    if (body !== undefined) stream.end(body)
  })
}
