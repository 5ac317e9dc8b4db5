import type { Clock } from '../../core/clock.ts'
import { AccessToken, type ClientCredentials } from './token.ts'

/** The access tokens of a run, one a (client, secret, scope). */
export class Tokens {
  readonly #clock: Clock
  readonly #tokens = new Map<string, AccessToken>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(credentials: ClientCredentials): AccessToken {
    const { clientId, clientSecret, scope } = credentials
    const key = JSON.stringify([clientId, clientSecret, scope])
    let token = this.#tokens.get(key)
    if (token === undefined) this.#tokens.set(key, (token = new AccessToken(this.#clock, credentials)))
    return token
  }

  /** A server answered 401 to this `Authorization`. Says whether asking again brings another. */
  refused(authorization: string): boolean {
    return this.#tokens.values().some(token => token.refused(authorization))
  }
}
