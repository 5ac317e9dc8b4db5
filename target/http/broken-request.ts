import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { headers } from '../../contract/headers.ts'
import type { Row } from '../ledger/row.ts'
import { problemDocument, ProblemError, problemMediaType } from '../exchange/problem.ts'
import { lingers } from './connections.ts'
import { departures } from './departures.ts'
import { METHODS } from './unmatched.ts'
import { onSocket } from './request-exchange.ts'

// Not imported, for the same reason as in `connections/http-wire.ts`.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/**
 * Answers input that never became a request: too large headers, bytes that are not HTTP, incomplete bodies. `rowOf`
 * opens a row.
 */
export function answerBrokenRequests(app: FastifyInstance, headerLimitBytes: number, rowOf?: () => Row): void {
  // This replaces Fastify's own listener, because both would answer.
  app.server.removeAllListeners('clientError')
  app.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    departures.leave()
    // The client was answered already, so the rest of its input is discarded.
    if (socket[lingers]) return void socket.destroy()
    const exchange = socket[onSocket]
    // No answer is possible on a closed connection, or within another answer.
    if (error.code === 'ECONNRESET' || !socket.writable || exchange?.headAt !== undefined) {
      socket.destroy()
      return
    }
    // A complete request before the broken input is answered normally.
    if (exchange?.incoming?.complete) return
    const problem = problemOf(error, headerLimitBytes)
    answerOnSocket(app, socket, exchange ?? rowOf?.(), problem)
  })
}

/** Refuses CONNECT, because the target is not a proxy. Node alone would close the connection without an answer. */
export function refuseTunnels(app: FastifyInstance, rowOf?: (run: string | string[] | undefined) => Row): void {
  const allow = METHODS.join(', ')
  app.server.on('connect', (request: IncomingMessage, socket: Socket) => {
    departures.leave()
    socket.on('error', () => socket.destroy())
    const problem = new ProblemError(
      'method_not_allowed',
      `CONNECT is not one of ${allow}: the target is not a proxy`,
      {
        headers: { allow },
      },
    )
    const row = rowOf?.(request.headers[headers.run])
    row?.account.unmatchedPaths.add('CONNECT', request.url ?? '')
    answerOnSocket(app, socket, row, problem)
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Returns the CORS headers of an answer to this request; `undefined` is a request that could not be read. */
    corsLines: (request: IncomingMessage | undefined) => Record<string, string>
  }
}

/** Writes an answer directly to the socket, closes the row if there is one, and closes the connection. */
export function answerOnSocket(
  { lingerOn, corsLines }: Pick<FastifyInstance, 'lingerOn' | 'corsLines'>,
  socket: Socket,
  row: Row | undefined,
  problem: ProblemError,
  request = socket[onSocket]?.incoming,
): void {
  const body = JSON.stringify(problemDocument(problem))
  const bytesOut = Buffer.byteLength(body)
  if (row !== undefined) row.bytesOut = bytesOut
  const own = Object.entries({ ...corsLines(request), ...problem.extra.headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  socket.write(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${problemMediaType}\r\n` +
      `Content-Length: ${bytesOut}\r\nConnection: close\r\n${own.join('')}\r\n${body}`,
  )
  // A failed write means that the client is gone without an answer.
  if (socket.errored === null) row?.answered(problem.status)
  else row?.interrupted('aborted')
  lingerOn(socket)
}

function problemOf({ code, message }: NodeJS.ErrnoException, headerLimitBytes: number): ProblemError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = `expected at most ${headerLimitBytes} bytes of headers (http.headerBytes)`
    return new ProblemError('headers_too_large', detail)
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ProblemError('request_timeout', 'the request did not arrive whole in time (http.requestTimeout)')
  }
  return new ProblemError('invalid_request', `this is not HTTP/1.1: ${message}`)
}
