import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from '../configuration/configuration.ts'
import type { RateLimitRule } from '../configuration/schema/http.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import { BoundedMap } from '../../core/bounded-map.ts'
import type { Clock } from '../../core/clock.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Guard } from '../auth/guard.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import { Bucket } from './bucket.ts'
import { Rule } from './rule.ts'

/** Estimate for a bucket with its key, measured and rounded up. */
const BUCKET_BYTES = 600

/** The head of an answer, to which the headers of rate limits are added. */
export interface AnswerHead {
  header(name: string, value: string): unknown
}

/** The rules that apply to an operation. */
interface Cover {
  rules: readonly Rule[]
  names: readonly string[]
  /** Its `RateLimit-Policy`. */
  policy: string
  /** Whether the operation is public. Then its token has not been read yet. */
  isPublic: boolean
}

export interface RateLimitsDependencies {
  settings: Settings
  guard: Pick<Guard, 'recognize'>
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
}

/** A rule and the caller's bucket. */
interface BucketClaim {
  rule: Rule
  bucket: Bucket
  tokens: number
}

/** Applies the rate limits of the current configuration. */
export class RateLimits {
  /** Whether there is any rule. Check it before anything else, so that without rules this costs nothing. */
  on = false
  readonly #guard: Pick<Guard, 'recognize'>
  readonly #clock: Clock
  readonly #memory: MemoryTable
  /**
   * Buckets by rule and caller. Beyond `rateLimits.buckets` the least recently used is forgotten, and is full when its
   * caller returns.
   */
  readonly #buckets = new BoundedMap<string, { rule: Rule; bucket: Bucket }>(() => this.#memory.release(BUCKET_BYTES))
  #mostBuckets = 0
  #rules: readonly Rule[] = []
  readonly #coverOf = new Map<KnownOperation, Cover>()

  constructor({ settings, guard, clock, memory, lifecycle }: RateLimitsDependencies) {
    this.#guard = guard
    this.#clock = clock
    this.#memory = memory.table('rate_limits', () => this.#buckets.forgetOldest())
    this.#read(settings.current.rateLimits)
    settings.onChange(({ rateLimits }) => this.#read(rateLimits))
    lifecycle.onReset('data', () => this.reset())
  }

  /**
   * Takes a token of every rule that applies to the request, or takes none and returns the refusal. Headers of the answer
   * give the state of each rule. The ledger records whether the caller waited as told.
   */
  refusalOf(exchange: Exchange, request: IncomingMessage, head: AnswerHead): ProblemError | undefined {
    const { rules, names, policy, isPublic } = this.#coverFor(exchange.operation as KnownOperation)
    if (rules.length === 0) return undefined
    const nowMs = this.#clock.now()
    const bearer = isPublic ? this.#guard.recognize(request) : exchange.bearer
    const caller = callerOf(bearer, request.socket.remoteAddress)
    const asking = { caller, bearer, tenant: exchange.tenant }
    const book = exchange.account.rateLimits
    const claims = rules.map((rule): BucketClaim => {
      const bucket = this.#bucketOf(rule, holderOf(rule.definition.by, asking), nowMs)
      return { rule, bucket, tokens: bucket.refill(nowMs) }
    })
    book.came(caller, names, nowMs)
    const spent = claims.filter(({ tokens }) => tokens === 0)
    if (spent.length === 0) {
      for (const claim of claims) {
        claim.bucket.take()
        claim.tokens -= 1
      }
    }
    head.header('ratelimit-policy', policy)
    head.header('ratelimit', claims.map(standing).join(', '))
    if (spent.length === 0) return undefined

    book.limited(
      caller,
      spent.map(({ rule, bucket }) => ({ rule: rule.name, untilMs: nowMs + bucket.secondsToNext * 1000 })),
    )
    return refuse(spent)
  }

  /** Fills every bucket. */
  reset(): void {
    this.#buckets.clear()
  }

  /** Rules that stay as they were keep their buckets: a change of something else must not refill them. */
  #read({ rules, buckets }: Configuration['rateLimits']): void {
    const known = this.#rules
    this.#rules = rules.map(
      definition => known.find(rule => isDeepStrictEqual(rule.definition, definition)) ?? new Rule(definition),
    )
    const kept = new Set(this.#rules)
    for (const [key, { rule }] of this.#buckets) if (!kept.has(rule)) this.#buckets.delete(key)
    this.#mostBuckets = buckets
    this.#buckets.trim(buckets)
    this.#coverOf.clear()
    this.on = rules.length > 0
  }

  #bucketOf(rule: Rule, holder: string, nowMs: number): Bucket {
    const key = `${rule.name} ${holder}`
    const known = this.#buckets.touch(key)
    if (known !== undefined) return known.bucket
    const bucket = new Bucket(rule.rate, nowMs)
    this.#buckets.set(key, { rule, bucket }, this.#mostBuckets)
    this.#memory.charge(BUCKET_BYTES)
    return bucket
  }

  #coverFor(operation: KnownOperation): Cover {
    const known = this.#coverOf.get(operation)
    if (known !== undefined) return known
    const rules = this.#rules.filter(rule => rule.appliesTo(operation))
    const cover = {
      rules,
      names: rules.map(({ name }) => name),
      policy: rules.map(({ policy }) => policy).join(', '),
      isPublic: operations[operation].access.kind === 'public',
    }
    this.#coverOf.set(operation, cover)
    return cover
  }
}

/** An item of the `RateLimit` header. */
function standing({ rule, bucket, tokens }: BucketClaim): string {
  return `"${rule.name}";r=${tokens};t=${bucket.secondsToNext}`
}

function refuse(spent: readonly BucketClaim[]): ProblemError {
  const seconds = Math.max(...spent.map(({ bucket }) => bucket.secondsToNext))
  const names = spent.map(({ rule }) => rule.name).join(', ')
  return new ProblemError('rate_limited', `the rate limit ${names} is used up; try again in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  })
}

/** Identifies the caller as precisely as possible: `user:<id>`, else `client:<id>`, else `address:<ip>`. */
export function callerOf(bearer: Bearer | undefined, address = 'unknown'): string {
  if (bearer === undefined) return `address:${address}`
  return bearer.user === undefined ? `client:${bearer.client}` : `user:${bearer.subject}`
}

/** Returns the owner of the bucket that a request draws on. */
function holderOf(
  by: RateLimitRule['by'],
  asking: { caller: string; bearer: Bearer | undefined; tenant: string },
): string {
  if (by === 'tenant') return `tenant:${asking.tenant}`
  return by === 'client' && asking.bearer !== undefined ? `client:${asking.bearer.client}` : asking.caller
}
