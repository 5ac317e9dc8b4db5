import type { TokensAccount } from '../../contract/ledger.ts'
import type { TokensBook } from '../exchange/account.ts'
import { Counts } from './counts.ts'

/** Tokens that were asked for and shown during a run. */
export class TokensSection implements TokensBook {
  #issued = 0
  #refreshed = 0
  #revoked = 0
  readonly #rejected = new Counts()
  readonly #refused = new Counts()

  issued(): void {
    this.#issued += 1
  }

  refreshed(): void {
    this.#refreshed += 1
  }

  revoked(): void {
    this.#revoked += 1
  }

  rejected(error: string): void {
    this.#rejected.add(error)
  }

  refused(code: string): void {
    this.#refused.add(code)
  }

  report(): TokensAccount {
    return {
      issued: this.#issued,
      refreshed: this.#refreshed,
      revoked: this.#revoked,
      rejected: this.#rejected.toJSON(),
      refused: this.#refused.toJSON(),
    }
  }
}
