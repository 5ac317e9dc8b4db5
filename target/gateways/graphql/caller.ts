import type { PublishedCounts } from '../../../contract/graphql/protocol.ts'
import { type KnownOperation, operations } from '../../../contract/api/operations.ts'
import type { Operation } from '../../../contract/api/operation.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'

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
    const { access }: Operation = operations[name]
    const { bearer, account } = this.exchange
    if (access.kind === 'public') return
    if (bearer === undefined) {
      if (access.kind === 'guest' && this.#settings.current.auth.mode === 'lenient') return
      account.tokens.refused('invalid_token')
      throw new ProblemError('invalid_token', 'expected a bearer token')
    }
    if (access.kind === 'guest' || access.scope === undefined || bearer.scopes.includes(access.scope)) return
    account.tokens.refused('insufficient_scope')
    const held = bearer.scopes.join(' ') || 'none'
    throw new ProblemError('insufficient_scope', `expected scope ${access.scope}, the token has ${held}`)
  }

  count(outcome: keyof PublishedCounts): void {
    this.published ??= { accepted: 0, duplicate: 0, rejected: 0 }
    this.published[outcome] += 1
  }
}
