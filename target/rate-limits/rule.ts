import type { RateLimitRule } from '../configuration/schema/http.ts'
import { type KnownOperation, matchesOperation } from '../../contract/api/operations.ts'
import { parseDuration } from '../../core/duration.ts'
import { Rate } from './rate.ts'

const DEFAULT_PER = '1s'

/** A rule of the configuration, read. */
export class Rule {
  readonly name: string
  readonly by: RateLimitRule['by']
  readonly rate: Rate
  /** Its item of the `RateLimit-Policy` header. */
  readonly policy: string
  readonly #operations: readonly string[] | undefined

  constructor({ name, by, requests, per = DEFAULT_PER, burst = requests, operations }: RateLimitRule) {
    const perMs = parseDuration(per)
    this.name = name
    this.by = by
    this.rate = new Rate({ requests, perMs, burst })
    // The draft demands whole seconds. Rounded up, so that a client that obeys is never refused.
    this.policy = `"${name}";q=${requests};w=${Math.ceil(perMs / 1000)}`
    this.#operations = operations
  }

  appliesTo(operation: KnownOperation): boolean {
    return this.#operations?.some(pattern => matchesOperation(pattern, operation)) ?? true
  }
}
