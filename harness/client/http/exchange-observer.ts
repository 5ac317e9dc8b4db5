import type { ExchangeFailure } from '../engine/failure.ts'
import type { BodyMemory, ReceivedBody } from '../message/received-body.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { PendingRequest } from './pending-request.ts'

/** Follows the requests of one call, each attempt on its own, for a protocol on top of HTTP. */
export interface ExchangeObserver {
  /** Makes the body of the next response. */
  body(memory: BodyMemory, limitBytes: number | undefined): ReceivedBody
  /** Called when a request is about to be sent, which the observer may cut. */
  begun?(exchange: HttpExchange): void
  /** Called when a request has ended that was sent, unless its response is a redirect that is followed. */
  finished(pending: PendingRequest, exchange: HttpExchange, failure: ExchangeFailure | undefined): void
}
