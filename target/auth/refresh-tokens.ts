import { randomBytes } from 'node:crypto'
import { BoundedMap } from '../../core/bounded-map.ts'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import type { AccessTokens, TokenHolder } from './access-tokens.ts'
import type { UserDirectory } from './clients.ts'

/** The tokens that stem from one grant. */
export interface Family extends TokenHolder {
  readonly scopes: readonly string[]
  revoked: boolean
  /** Number of its refresh tokens that are kept. */
  kept: number
}

export interface RefreshToken {
  readonly family: Family
  readonly expiresAtMs: number
  /** A used token is kept, so that its second use is recognised as theft. */
  used: boolean
}

/** Why a refresh token is refused. The text completes `the refresh token is …`. */
export type RefreshIssue =
  | 'not known'
  | 'used before: all tokens of its grant are revoked'
  | 'revoked'
  | 'expired'
  | 'of a user who can no longer log in'

/** Estimate for a refresh token with its family, measured and rounded up. */
const TOKEN_BYTES = 1200

export interface RefreshTokensDependencies {
  settings: Settings
  clock: Clock
  accessTokens: AccessTokens
  users: UserDirectory
  memory: MemoryBudget
}

/** Refresh tokens, each good for one use. Beyond `auth.refreshTokens` the oldest are forgotten. */
export class RefreshTokens {
  readonly #dependencies: RefreshTokensDependencies
  readonly #memory: MemoryTable
  readonly #lifetimeMs: Live<number>
  readonly #tokens = new BoundedMap<string, RefreshToken>(({ family }) => {
    this.#memory.release(TOKEN_BYTES)
    family.kept -= 1
    if (family.kept === 0) this.#families.delete(family.id)
  })
  /** Families with at least one kept token, by id. */
  readonly #families = new Map<string, Family>()

  constructor(dependencies: RefreshTokensDependencies) {
    this.#dependencies = dependencies
    this.#lifetimeMs = derive(dependencies.settings, ({ auth }) => parseDuration(auth.refreshTtl))
    this.#memory = dependencies.memory.table('tokens', () => this.#tokens.forgetOldest())
  }

  issue(family: Family): string {
    const { settings, clock } = this.#dependencies
    const { refreshTokens } = settings.current.auth
    const token = randomBytes(32).toString('base64url')
    const expiresAtMs = clock.wallTime() + this.#lifetimeMs.current
    this.#families.set(family.id, family)
    family.kept += 1
    this.#tokens.set(token, { family, expiresAtMs, used: false }, refreshTokens)
    this.#memory.charge(TOKEN_BYTES)
    return token
  }

  find(token: string): RefreshToken | undefined {
    return this.#tokens.get(token)
  }

  issueOf({ family, expiresAtMs, used }: RefreshToken): RefreshIssue | undefined {
    if (used) return 'used before: all tokens of its grant are revoked'
    if (family.revoked) return 'revoked'
    if (this.#dependencies.clock.wallTime() >= expiresAtMs) return 'expired'
    const { user } = family
    if (user !== undefined && this.#dependencies.users.find(user.email)?.id !== user.id) {
      return 'of a user who can no longer log in'
    }
    return undefined
  }

  /**
   * Returns the token that a client presents to get another, or the reason to refuse it. A second use counts as theft and revokes
   * the family.
   * @param isTheirs whether the client may use tokens of this family; other tokens are `not known`
   */
  show(token: string, isTheirs: (family: Family) => boolean): RefreshToken | RefreshIssue {
    const shown = this.#tokens.get(token)
    if (shown === undefined || !isTheirs(shown.family)) return 'not known'
    const issue = this.issueOf(shown)
    if (shown.used) this.revokeFamily(shown.family.id)
    return issue ?? shown
  }

  /** Revokes all tokens of a grant, even if none of its refresh tokens is kept. */
  revokeFamily(id: string): void {
    const family = this.#families.get(id)
    if (family !== undefined) family.revoked = true
    this.#dependencies.accessTokens.revoke(id)
  }

  reset(): void {
    this.#tokens.clear()
  }

  get size(): number {
    return this.#tokens.size
  }
}
