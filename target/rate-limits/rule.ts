import type { RateLimitRule } from '../configuration/schema/http.ts'
import { type KnownOperation, matchesOperation } from '../../contract/api/operations.ts'
import { parseDuration } from '../../core/duration.ts'

/** How fast tokens come back, and how many a bucket holds. */
export interface RateLimit {
  requests: number
  perMs: number
  burst: number
}

/**
 * A rate in whole numbers: a microsecond brings `unitsPerMicrosecond`, a token is worth `tokenUnits`. Adding whole numbers
 * is exact, so no request is ever won or lost by rounding while `burst` tokens are under 2^53 units; past it a bucket is
 * as exact as a double.
 */
export class TokenRate {
  readonly tokenUnits: number
  readonly unitsPerMicrosecond: number
  readonly capacityUnits: number

  constructor({ requests, perMs, burst }: RateLimit) {
    const perMicroseconds = Math.max(1, Math.round(perMs * 1000))
    const divisor = greatestCommonDivisor(requests, perMicroseconds)
    this.tokenUnits = perMicroseconds / divisor
    this.unitsPerMicrosecond = requests / divisor
    this.capacityUnits = burst * this.tokenUnits
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

const DEFAULT_PER = '1s'

/** A rule of the configuration, ready to be applied. */
export class Rule {
  readonly name: string
  readonly by: RateLimitRule['by']
  readonly rate: TokenRate
  /** Its item of the `RateLimit-Policy` header. */
  readonly policy: string
  readonly #operations: readonly string[] | undefined

  constructor({ name, by, requests, per = DEFAULT_PER, burst = requests, operations }: RateLimitRule) {
    const perMs = parseDuration(per)
    this.name = name
    this.by = by
    this.rate = new TokenRate({ requests, perMs, burst })
    // The draft demands whole seconds. Rounded up, so that a client that obeys is never refused.
    this.policy = `"${name}";q=${requests};w=${Math.ceil(perMs / 1000)}`
    this.#operations = operations
  }

  appliesTo(operation: KnownOperation): boolean {
    return this.#operations?.some(pattern => matchesOperation(pattern, operation)) ?? true
  }
}
