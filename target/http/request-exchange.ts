import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { operationNames, type OperationName } from '../../contract/operations.ts'
import type { Bearer } from '../auth/bearer.ts'
import { forgetAdmission } from '../auth/guard.ts'
import type { FaultedExchange } from '../faults/request/faulted-exchange.ts'
import { Row, type Books } from '../ledger/row.ts'
import type { RunPage } from '../ledger/run-page.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { JsonReader } from './body.ts'
import type { Exchange } from './exchange.ts'

/** What a request takes while it is under way, bodies up to `SMALL_BYTES` included. Measured, and rounded up. */
const EXCHANGE_BYTES = 12_288

/** What is left of that for a stream or a WebSocket once it is open. */
const OPEN_BYTES = 6144

/** Bodies and answers up to this size are not counted one by one. */
export const SMALL_BYTES = 4096

/** The exchange of one HTTP request, and its row in the ledger in the same object: there is one of them a request. */
export class RequestExchange extends Row implements Exchange {
  readonly key: string | undefined
  readonly tenant: string
  bearer: Bearer | undefined
  bodyText: string | undefined
  headLeft = false
  onGone: (() => void) | undefined
  declare faulted: FaultedExchange | undefined
  /** The request as it comes in; set by whoever opens the exchange. */
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

  protected override onEnd(): void {
    this.#memory.release(this.#exchangeBytes + this.#reservedBytes)
  }

  /** A stream or a WebSocket stays long: what only its beginning needed is let go. */
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

/** The exchange as the shell that made it knows it. */
export function exchangeOf(request: FastifyRequest): RequestExchange | undefined {
  return request.exchange as RequestExchange | undefined
}

/** The index of what no operation serves. */
export const unmatched = operationNames.indexOf('unmatched')

/** Where a socket keeps the exchange it is receiving: an error of the connection is told of the socket only. */
export const onSocket: unique symbol = Symbol('exchange')

/** Where an answer keeps its exchange. */
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
    /** A JSON body may be left out, whatever the Content-Type says. */
    bodyOptional?: boolean
    /** Reads the JSON of the body; by default only its value is kept. */
    readBody?: JsonReader
  }
}
