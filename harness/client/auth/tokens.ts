import type { Clock } from '../../../core/clock.ts'
import { AccessToken } from './access-token.ts'
import { type Client, clientCredentials } from './credentials.ts'

/** The clients' access tokens of a run, one a (client, secret, scope), shared by all users. */
export class Tokens {
  readonly #clock: Clock
  readonly #tokens = new Map<string, AccessToken>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(client: Client): AccessToken {
    const { clientId, clientSecret, scope } = client
    const key = JSON.stringify([clientId, clientSecret, scope])
    let token = this.#tokens.get(key)
    if (token === undefined) this.#tokens.set(key, (token = new AccessToken(this.#clock, clientCredentials(client))))
    return token
  }
}
