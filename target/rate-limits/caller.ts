import type { RateLimitRule } from '../../contract/configuration/rate-limits.ts'
import type { Exchange } from '../http/exchange.ts'

/** Who asks, as exactly as it is known: `user:<id>`, else `client:<id>`, else `address:<ip>`. */
export function callerOf({ bearer }: Exchange, address = 'unknown'): string {
  if (bearer === undefined) return `address:${address}`
  // A token that was not issued to a user has its client for a subject.
  return bearer.subject === bearer.client ? `client:${bearer.client}` : `user:${bearer.subject}`
}

/** Whose bucket a request of this caller draws on. */
export function holderOf(by: RateLimitRule['by'], { bearer, tenant }: Exchange, caller: string): string {
  if (by === 'tenant') return `tenant:${tenant}`
  return by === 'client' && bearer !== undefined ? `client:${bearer.client}` : caller
}
