import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestDetails } from '../../contract/ledger-record.ts'
import { operationNames, type OperationName, streamingOperations } from '../../contract/api/operations.ts'
import type { Bearer } from '../exchange/bearer.ts'
import { forgetAdmission } from '../auth/guard.ts'
import type { FaultableExchange, FaultedExchange } from '../faults/request/faulted-exchange.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { Row } from '../ledger/row.ts'
import { completeDetails } from './request-details.ts'
import type { RunLedger } from '../ledger/run-ledger.ts'
import type { MemoryTable } from '../memory/budget.ts'
import type { ProblemError } from '../exchange/problem.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { resetConnection } from '../connections/carrier.ts'

/** Estimate for a request under way, bodies up to `SMALL_BYTES` included; measured and rounded up. */
const EXCHANGE_BYTES = 12_288

/** Estimate for a stream or a WebSocket that is open, measured and rounded up. */
const OPEN_BYTES = 6144

/** Bodies and answers up to this size are covered by `EXCHANGE_BYTES`. */
export const SMALL_BYTES = 4096

export interface RequestExchangeOptions {
  tenant: string
  key: string | undefined
  connection: Socket
  memory: MemoryTable
}

/** The exchange of one HTTP request and its row in the ledger, in one object to save allocations. */
export class RequestExchange extends Row implements FaultableExchange {
  readonly key: string | undefined
  readonly tenant: string
  readonly connection: Socket
  bearer: Bearer | undefined
  /** Undefined unless the ledger keeps details. */
  details: RequestDetails | undefined
  bodyText: string | undefined
  headLeft = false
  /** Whether its answer waits for the other answers of this turn. */
  waits = false
  /** When the whole answer was handed to the network, if it waited. */
  leftAt: number | undefined
  onGone: (() => void) | undefined
  declare faulted: FaultedExchange | undefined
  /** The incoming request, until the exchange becomes a stream. */
  incoming: IncomingMessage | undefined
  reply: FastifyReply | undefined
  readonly #memory: MemoryTable
  #exchangeBytes = EXCHANGE_BYTES
  #reservedBytes = 0

  constructor(
    ledger: Ledger,
    runLedger: RunLedger,
    operationIndex: number,
    { tenant, key, connection, memory }: RequestExchangeOptions,
  ) {
    super(ledger, runLedger, operationIndex)
    this.tenant = tenant
    this.key = key
    this.connection = connection
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

  now(): number {
    return this.ledger.clock.now()
  }

  left(now: number, response: ServerResponse): void {
    this.waits = false
    this.headLeft = hasTaken(response)
    this.leftAt = now
  }

  memoryRefusal(bytes: number): ProblemError {
    return this.#memory.refusal(bytes)
  }

  protected override onEnd(): RequestDetails | undefined {
    this.#memory.release(this.#exchangeBytes + this.#reservedBytes)
    if (this.details !== undefined) completeDetails(this.details, this, this.reply?.raw)
    return this.details
  }

  /** Also releases everything that only the start needed, because streams and WebSockets live long. */
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

  /** Whether it requests an upgrade that the target serves. Node has handed over its socket and no longer reads it. */
  get isHandshake(): boolean {
    const { incoming } = this
    return incoming !== undefined && 'upgrade' in incoming && incoming.upgrade === true
  }

  get opens(): boolean {
    return this.isHandshake || (this.incoming?.method !== 'HEAD' && streamingOperations.includes(this.operation))
  }

  /** Detects that the client of a handshake leaves, because nothing else reads the socket between the two protocols. */
  watchConnection(): void {
    this.connection.once('end', destroy)
    this.connection.read(0)
  }

  unwatchConnection(): void {
    this.connection.off('end', destroy)
  }

  discardRequest(): void {
    if (!this.isHandshake) return void this.incoming?.resume()
    this.watchConnection()
    this.connection.resume()
  }

  reset(): void {
    this.markCut()
    resetConnection(this.connection)
  }

  close(): void {
    this.markCut()
    this.connection.destroySoon()
  }

  /** Whether a fault has ended it. */
  get isCut(): boolean {
    return this.connection[cutByFault] === true
  }

  /** Attributes the end of the connection from now on to a fault, and not to its client. */
  markCut(): void {
    this.connection[cutByFault] = true
  }
}

function destroy(this: Socket): void {
  this.destroy()
}

/** Whether the network has accepted the head of a response that was just written. */
export function hasTaken({ headersSent, socket }: ServerResponse): boolean {
  return headersSent && socket?.errored === null
}

/** Returns the exchange of a request with its full type. */
export function exchangeOf(request: FastifyRequest): RequestExchange | undefined {
  return request.exchange as RequestExchange | undefined
}

/** Operation index of requests that no operation serves. */
export const unmatched = operationNames.indexOf('unmatched')

/** Key of the exchange that a socket is receiving: connection errors name only the socket. */
export const onSocket: unique symbol = Symbol('exchange')

/** Set on a connection that a fault has ended. Over HTTP/1.1, all exchanges on it end with it. */
const cutByFault: unique symbol = Symbol('cut by a fault')

declare module 'node:net' {
  interface Socket {
    [onSocket]?: RequestExchange | undefined
    [cutByFault]?: true
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
