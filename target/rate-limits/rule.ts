import type { RateLimitRule } from '../configuration/schema/http.ts'
import { type KnownOperation, matchesOperation } from '../../contract/api/operations.ts'
import { parseDuration } from '../../core/duration.ts'

/**
 * How fast tokens come back and how many a bucket holds, in whole numbers: `unitsPerMicrosecond` come back, and a token is
 * worth `tokenUnits`. Adding whole numbers is exact, so rounding never admits or refuses a request while `burst` tokens are
 * fewer than 2^53 units. Beyond that, a bucket is as exact as a double.
 */
export interface TokenRate {
  readonly tokenUnits: number
  readonly unitsPerMicrosecond: number
  readonly capacityUnits: number
}

const DEFAULT_PER = '1s'

/** A rule of the configuration, ready to be applied. */
export class Rule {
  readonly definition: RateLimitRule
  readonly rate: TokenRate
  /** Its item of the `RateLimit-Policy` header. */
  readonly policy: string

  constructor(definition: RateLimitRule) {
    const { name, requests, per = DEFAULT_PER, burst = requests } = definition
    const perMs = parseDuration(per)
    const perMicroseconds = Math.max(1, Math.round(perMs * 1000))
    const divisor = greatestCommonDivisor(requests, perMicroseconds)
    const tokenUnits = perMicroseconds / divisor
    this.definition = definition
    this.rate = { tokenUnits, unitsPerMicrosecond: requests / divisor, capacityUnits: burst * tokenUnits }
    // The draft demands whole seconds. Rounded up, so that a client that obeys is never refused.
    this.policy = `"${name}";q=${requests};w=${Math.ceil(perMs / 1000)}`
  }

  get name(): string {
    return this.definition.name
  }

  appliesTo(operation: KnownOperation): boolean {
    return this.definition.operations?.some(pattern => matchesOperation(pattern, operation)) ?? true
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
