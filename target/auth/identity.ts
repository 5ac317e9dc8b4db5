import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { AccessTokens } from './access-tokens.ts'
import { Bearers } from './guard.ts'
import { Clients, type UserDirectory } from './clients.ts'
import { IssueCost } from './issue-cost.ts'
import { RefreshTokens } from './refresh-tokens.ts'
import { StaticTokens } from './static-tokens.ts'

export interface IdentityDependencies {
  settings: Settings
  clock: Clock
  random: Random
  users: UserDirectory
  memory: MemoryBudget
  lifecycle: Lifecycle
  /** Issuer of the tokens until the target knows its own URL. */
  issuer: string
}

/** Users, clients and their tokens. */
export type Identity = ReturnType<typeof createIdentity>

export function createIdentity(dependencies: IdentityDependencies) {
  const { settings, clock, random, users, memory, lifecycle, issuer } = dependencies
  const accessTokens = new AccessTokens(settings, clock, issuer, memory)
  const refreshTokens = new RefreshTokens({ settings, clock, accessTokens, users, memory })
  const staticTokens = new StaticTokens(settings, memory)
  lifecycle.onReset('data', () => refreshTokens.reset())
  lifecycle.onReset('data', () => staticTokens.reset())
  return {
    settings,
    clients: new Clients(settings),
    users,
    accessTokens,
    refreshTokens,
    staticTokens,
    bearers: new Bearers(accessTokens, staticTokens),
    issueCost: new IssueCost(settings, clock, random),
  }
}
