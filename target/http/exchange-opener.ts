import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { defaultRun, defaultTenant, headers } from '../../contract/headers.ts'
import { nameIn } from '../exchange/key.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { connectionOf, Http2Exchange, http2StreamOf, NO_ERROR } from './http2-exchange.ts'
import { ConnectionOrdinals, detailsOf } from './request-details.ts'
import { onSocket, RequestExchange, unmatched } from './request-exchange.ts'

/** Opens the row of a request; the row closes itself with the response. */
export type ExchangeOpener = (request: FastifyRequest, reply: FastifyReply, operationIndex: number) => RequestExchange

export function exchangeOpener(ledger: Ledger, budget: MemoryBudget): ExchangeOpener {
  const memory = budget.table('requests')
  const { stallWatch } = ledger
  const ordinals = new ConnectionOrdinals()
  // One function for all responses: a closure for each would be garbage.
  function close(this: ServerResponse): void {
    const { req, statusCode } = this
    const exchange = this[onResponse]!
    const { connection } = exchange
    if (connection[onSocket] === exchange) connection[onSocket] = undefined
    if (!isWhole(this)) {
      exchange.onGone?.()
      const status = hasHeadLeft(this, exchange) ? statusCode : 0
      return exchange.interrupted(exchange.isCut ? 'cut' : 'aborted', status)
    }
    // The framework has already measured an answer that it wrote in one piece, and measuring a long answer twice would be slow.
    const length = exchange.reply?.getHeader('content-length')
    if (length !== undefined && req.method !== 'HEAD' && !exchange.faulted?.hasOwnBody)
      exchange.bytesOut = Number(length)
    exchange.answered(statusCode, exchange.leftAt)
  }

  return (request, reply, operationIndex) => {
    const { raw: response } = reply
    const { headers: sent } = request.raw
    const stream = http2StreamOf(request.raw)
    const socket = stream === undefined ? request.raw.socket : connectionOf(request.raw)
    const options = {
      tenant: nameIn(sent[headers.tenant]) ?? defaultTenant,
      key: nameIn(sent[headers.exchange]),
      connection: socket,
      memory,
    }
    // Invalid names are refused right after this.
    const run = ledger.of(nameIn(sent[headers.run]) ?? defaultRun)
    const exchange =
      stream === undefined
        ? new RequestExchange(ledger, run, operationIndex, options)
        : new Http2Exchange(ledger, run, operationIndex, options).carriedBy(stream)
    if (stallWatch.watching) exchange.waitedOutStall = stallWatch.readsHeld(socket)
    if (operationIndex === unmatched) exchange.account.unmatchedPaths.add(request.method, request.url)
    if (ledger.records.keepsDetails) exchange.details = detailsOf(request.raw, ordinals.of(socket))
    exchange.incoming = request.raw
    exchange.reply = reply
    request.exchange = exchange
    // Over HTTP/2 a connection receives several at once, and its errors name none of them.
    if (stream === undefined) socket[onSocket] = exchange
    response[onResponse] = exchange
    // `close` is emitted in both cases: when the answer is finished, and when the client is gone.
    response.on('close', close)
    return exchange
  }
}

/** Whether all of a closed response has left. A stream of HTTP/2 counts as finished in Node also if it was reset. */
function isWhole(response: ServerResponse): boolean {
  const stream = http2StreamOf(response)
  if (stream === undefined) return response.writableFinished
  return response.headersSent && stream.rstCode === NO_ERROR && !stream.aborted
}

/** Whether the client of an unfinished answer may have seen its status. */
function hasHeadLeft(response: ServerResponse, { headLeft, waits }: RequestExchange): boolean {
  if (headLeft || waits || !response.headersSent) return headLeft
  // HTTP/2 writes a head as soon as it is there.
  if (response.req.httpVersionMajor === 2) return true
  // False if the response never had its turn on the connection, or if its first bytes are still here or were refused.
  const { outputSize } = response as ServerResponse & { outputSize: number }
  const { errored } = response.req.socket as { errored: NodeJS.ErrnoException | null }
  return response.socket !== null && outputSize === 0 && errored?.syscall !== 'write'
}

/** Key of the exchange of a response. */
const onResponse: unique symbol = Symbol('exchange')

declare module 'node:http' {
  interface ServerResponse {
    [onResponse]?: RequestExchange
  }
}
