import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { defaultRun, defaultTenant, headers } from '../../contract/headers.ts'
import { operationNames, type OperationName } from '../../contract/api/operations.ts'
import type { Bearer } from '../exchange/bearer.ts'
import { forgetAdmission } from '../auth/guard.ts'
import { nameIn } from '../exchange/key.ts'
import type { FaultedExchange } from '../faults/request/faulted-exchange.ts'
import { cutByFault } from '../faults/request/reset.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { Row, type Books } from '../ledger/row.ts'
import type { RunPage } from '../ledger/run-page.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import type { ProblemError } from '../exchange/problem.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** Estimate for a request under way, bodies up to `SMALL_BYTES` included; measured and rounded up. */
const EXCHANGE_BYTES = 12_288

/** Estimate for a stream or a WebSocket that is open, measured and rounded up. */
const OPEN_BYTES = 6144

/** Bodies and answers up to this size are covered by `EXCHANGE_BYTES`. */
export const SMALL_BYTES = 4096

/** The exchange of one HTTP request and its row in the ledger, in one object to save allocations. */
export class RequestExchange extends Row implements Exchange {
  readonly key: string | undefined
  readonly tenant: string
  bearer: Bearer | undefined
  bodyText: string | undefined
  headLeft = false
  onGone: (() => void) | undefined
  declare faulted: FaultedExchange | undefined
  /** The incoming request, until the exchange becomes a stream. */
  incoming: IncomingMessage | undefined
  reply: FastifyReply | undefined
  readonly #memory: MemoryTable
  #exchangeBytes = EXCHANGE_BYTES
  #reservedBytes = 0

  constructor(
    books: Books,
    page: RunPage,
    operationIndex: number,
    { tenant, key, memory }: { tenant: string; key: string | undefined; memory: MemoryTable },
  ) {
    super(books, page, operationIndex)
    this.tenant = tenant
    this.key = key
    this.#memory = memory
    memory.charge(EXCHANGE_BYTES)
  }

  reserve(bytes: number): boolean {
    const more = bytes - this.#reservedBytes
    if (more <= 0) return true
    if (!this.isOpen || !this.#memory.tryCharge(more)) return false
    this.#reservedBytes = bytes
    return true
  }

  memoryRefusal(bytes: number): ProblemError {
    return this.#memory.refusal(bytes)
  }

  protected override onEnd(): void {
    this.#memory.release(this.#exchangeBytes + this.#reservedBytes)
  }

  /** Also drops what only the beginning needed, because streams and WebSockets live long. */
  override streamOpened(status: number): void {
    super.streamOpened(status)
    if (this.isOpen && this.isStream) {
      this.#memory.release(this.#exchangeBytes - OPEN_BYTES)
      this.#exchangeBytes = OPEN_BYTES
    }
    if (this.incoming !== undefined) forgetAdmission(this.incoming.socket)
    this.incoming = undefined
    this.reply = undefined
  }

  get run(): string {
    return this.account.run
  }

  get operation(): OperationName {
    return operationNames[this.operationIndex]!
  }
}

/** Opens the row of a request; the row closes itself with the response. */
export type ExchangeOpener = (request: FastifyRequest, reply: FastifyReply, operationIndex: number) => RequestExchange

export function exchangeOpener(ledger: Ledger, budget: MemoryBudget): ExchangeOpener {
  const memory = budget.table('requests')
  const { stallWatch } = ledger
  // One function for all responses: a closure for each would be garbage.
  function close(this: ServerResponse): void {
    const { req, writableFinished, statusCode } = this
    const exchange = this[onResponse]!
    if (req.socket[onSocket] === exchange) req.socket[onSocket] = undefined
    if (!writableFinished) {
      exchange.onGone?.()
      const status = hasHeadLeft(this, exchange) ? statusCode : 0
      return req.socket[cutByFault] ? exchange.cut(status) : exchange.aborted(status)
    }
    // The framework has measured an answer that it wrote in one piece. Measuring a long one again would be slow.
    if (req.method !== 'HEAD' && !exchange.faulted?.hasOwnBody)
      exchange.bytesOut = Number(exchange.reply?.getHeader('content-length') ?? 0)
    exchange.answered(statusCode)
  }

  return (request, reply, operationIndex) => {
    const { raw: response } = reply
    const { headers: sent, socket } = request.raw
    // A header that is not a name is refused right after this.
    const exchange = new RequestExchange(ledger, ledger.page(nameIn(sent[headers.run]) ?? defaultRun), operationIndex, {
      tenant: nameIn(sent[headers.tenant]) ?? defaultTenant,
      key: nameIn(sent[headers.exchange]),
      memory,
    })
    if (stallWatch.watching) exchange.waitedOutStall = stallWatch.readsHeld(socket)
    if (operationIndex === unmatched) exchange.account.unmatchedPaths.add(request.method, request.url)
    exchange.incoming = request.raw
    exchange.reply = reply
    request.exchange = exchange
    socket[onSocket] = exchange
    response[onResponse] = exchange
    // The only event that comes whether the answer is finished or the client is gone.
    response.on('close', close)
    return exchange
  }
}

/** Whether the client of an unfinished answer may have seen its status. */
function hasHeadLeft(response: ServerResponse, { headLeft }: RequestExchange): boolean {
  if (headLeft || !response.headersSent) return headLeft
  // False if the response never had its turn on the connection, or if its first bytes are still here or were refused.
  const { outputSize } = response as ServerResponse & { outputSize: number }
  const { errored } = response.req.socket as { errored: NodeJS.ErrnoException | null }
  return response.socket !== null && outputSize === 0 && errored?.syscall !== 'write'
}

/** Returns the exchange of a request with its full type. */
export function exchangeOf(request: FastifyRequest): RequestExchange | undefined {
  return request.exchange as RequestExchange | undefined
}

/** Operation index of requests that no operation serves. */
export const unmatched = operationNames.indexOf('unmatched')

/** Key of the exchange that a socket is receiving: connection errors name only the socket. */
export const onSocket: unique symbol = Symbol('exchange')

/** Key of the exchange of a response. */
export const onResponse: unique symbol = Symbol('exchange')

declare module 'node:net' {
  interface Socket {
    [onSocket]?: RequestExchange | undefined
  }
}

declare module 'node:http' {
  interface ServerResponse {
    [onResponse]?: RequestExchange
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined on the control plane and `/metrics`, which the ledger does not count. */
    exchange: Exchange | undefined
  }
  interface FastifyContextConfig {
    operation?: OperationName
  }
}
