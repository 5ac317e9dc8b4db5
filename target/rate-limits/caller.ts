import type { RateLimitRule } from '../../contract/configuration/rate-limits.ts'
import type { Bearer } from '../auth/bearer.ts'

/** Identifies the caller as precisely as possible: `user:<id>`, else `client:<id>`, else `address:<ip>`. */
export function callerOf(bearer: Bearer | undefined, address = 'unknown'): string {
  if (bearer === undefined) return `address:${address}`
  return bearer.user === undefined ? `client:${bearer.client}` : `user:${bearer.subject}`
}

/** Whose bucket a request draws on. */
export function holderOf(
  by: RateLimitRule['by'],
  asking: { caller: string; bearer: Bearer | undefined; tenant: string },
): string {
  if (by === 'tenant') return `tenant:${asking.tenant}`
  return by === 'client' && asking.bearer !== undefined ? `client:${asking.bearer.client}` : asking.caller
}
