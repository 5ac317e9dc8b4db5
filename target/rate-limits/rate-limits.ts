import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { RateLimitRule } from '../configuration/schema/http.ts'
import { type KnownOperation, operations } from '../../contract/api/operations.ts'
import type { Clock } from '../../core/clock.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Guard } from '../auth/guard.ts'
import type { Settings } from '../configuration/settings.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import { type Bucket, BucketTable } from './buckets.ts'
import { Rule } from './rule.ts'

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
  /** Whether the token of its requests has not been read yet. */
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

/** Token buckets by client, user or tenant, as `rateLimits` of the configuration has them now. */
export class RateLimits {
  /** Whether there is any rule: ask before anything else, so that without rules this costs nothing. */
  on = false
  readonly #guard: Pick<Guard, 'recognize'>
  readonly #clock: Clock
  readonly #buckets: BucketTable
  #definitions: readonly RateLimitRule[] = []
  #rules: readonly Rule[] = []
  readonly #coverOf = new Map<KnownOperation, Cover>()

  constructor({ settings, guard, clock, memory, lifecycle }: RateLimitsDependencies) {
    this.#guard = guard
    this.#clock = clock
    this.#buckets = new BucketTable(settings.current.rateLimits.buckets, memory)
    this.#read(settings.current.rateLimits.rules)
    settings.onChange(({ rateLimits }) => {
      this.#buckets.capacity = rateLimits.buckets
      this.#read(rateLimits.rules)
    })
    lifecycle.onReset('data', () => this.reset())
  }

  /**
   * Takes a token of every rule that applies to the request, or takes none and returns the refusal. The answer's head tells
   * the state of each rule. The ledger records whether the caller waited as told.
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
      const bucket = this.#buckets.of(rule, holderOf(rule.by, asking), nowMs)
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

  /** Every bucket is full again. */
  reset(): void {
    this.#buckets.clear()
  }

  /** Rules that stay as they were keep their buckets: a change of something else must not refill them. */
  #read(definitions: readonly RateLimitRule[]): void {
    const known = this.#rules.map((rule, index) => ({ rule, definition: this.#definitions[index] }))
    this.#rules = definitions.map(
      definition =>
        known.find(earlier => isDeepStrictEqual(earlier.definition, definition))?.rule ?? new Rule(definition),
    )
    this.#definitions = definitions
    this.#buckets.keepOnly(new Set(this.#rules))
    this.#coverOf.clear()
    this.on = definitions.length > 0
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
  return new ProblemError('rate_limited', `the limit ${names} is used up; try again in ${seconds} s`, {
    headers: { 'retry-after': String(seconds) },
  })
}

/** Identifies the caller as precisely as possible: `user:<id>`, else `client:<id>`, else `address:<ip>`. */
function callerOf(bearer: Bearer | undefined, address = 'unknown'): string {
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
