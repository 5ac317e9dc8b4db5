import type { AccessTokens, TokenIssue } from './access-tokens.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { StaticTokens } from './static-tokens.ts'

/** Says who shows a token, whether the token was issued or is one of the static ones. */
export class Bearers {
  readonly #accessTokens: AccessTokens
  readonly #staticTokens: StaticTokens

  constructor(accessTokens: AccessTokens, staticTokens: StaticTokens) {
    this.#accessTokens = accessTokens
    this.#staticTokens = staticTokens
  }

  of(token: string): Bearer | TokenIssue {
    const found = looksIssued(token) ? this.#accessTokens.verify(token) : 'not valid'
    return found === 'not valid' ? (this.#staticTokens.find(token) ?? found) : found
  }

  /** Whether a bearer who was good a moment ago may be taken for good again. */
  areStillGood(bearer: Bearer): boolean {
    // A static token can be taken out of the configuration at any time: it costs little to look it up anew.
    if (isStatic(bearer)) return false
    return this.#accessTokens.remembers && this.#accessTokens.issueOf(bearer) === undefined
  }
}

/** Its token is one of the static ones: it was never issued, and never expires. */
export function isStatic({ expiresAtMs }: Bearer): boolean {
  return expiresAtMs === Infinity
}

/** `{"` in base64url: every JWT begins so, and what does not need not be decoded to be refused. */
function looksIssued(token: string): boolean {
  return token.startsWith('eyJ')
}
