import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Settings } from '../configuration/settings.ts'

/** All the tokens that go back to one grant. */
export interface Family {
  readonly id: string
  readonly client: string
  readonly scopes: readonly string[]
  /** When the last access token of the family expires; wall time in ms. */
  accessUntilMs: number
  revoked: boolean
}

export interface RefreshToken {
  readonly family: Family
  readonly expiresAtMs: number
  /** A used token is kept, so that its second use is known for a theft. */
  used: boolean
}

/** Refresh tokens, each good for one use; past `auth.refreshTokens` the oldest are forgotten. */
export class RefreshTokens {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #tokens = new Map<string, RefreshToken>()

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  issue(family: Family): string {
    const { refreshTtl, refreshTokens } = this.#settings.current.auth
    const token = randomBytes(32).toString('base64url')
    const expiresAtMs = this.#clock.wallTime() + parseDuration(refreshTtl)
    this.#tokens.set(token, { family, expiresAtMs, used: false })
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= refreshTokens) break
      this.#tokens.delete(oldest)
    }
    return token
  }

  find(token: string): RefreshToken | undefined {
    return this.#tokens.get(token)
  }

  hasExpired(token: RefreshToken): boolean {
    return this.#clock.wallTime() >= token.expiresAtMs
  }

  clear(): void {
    this.#tokens.clear()
  }

  get size(): number {
    return this.#tokens.size
  }
}
