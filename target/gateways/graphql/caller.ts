import type { PublishedCounts } from '../../../contract/api/events.ts'
import type { KnownOperation } from '../../../contract/api/operations.ts'
import { demand } from '../../auth/demand.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Exchange } from '../../exchange/exchange.ts'

/** The client of one execution, and what the execution did on its behalf. */
export class GraphqlCaller {
  readonly exchange: Exchange
  /** Undefined while no event was published. */
  published: PublishedCounts | undefined
  readonly #settings: Settings

  constructor(exchange: Exchange, settings: Settings) {
    this.exchange = exchange
    this.#settings = settings
  }

  /** Demands what the operation of the REST API demands. @throws ProblemError invalid_token, insufficient_scope */
  require(name: KnownOperation): void {
    demand(this.exchange, name, this.#settings)
  }

  count(outcome: keyof PublishedCounts): void {
    this.published ??= { accepted: 0, duplicate: 0, rejected: 0 }
    this.published[outcome] += 1
  }
}
