import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { MemoryBudget, MemoryTable } from '../../memory/budget.ts'

/** Requests and tokens that a caller may use a minute; 0: any number. */
export interface UsageSettings {
  requestsPerMinute: number
  tokensPerMinute: number
  callers: number
}

const MINUTE_MS = 60_000
/** Estimate for a caller with its allowances, rounded up. */
const CALLER_BYTES = 400

/** A bucket that fills evenly over a minute. */
class MinuteAllowance {
  #amount: number
  #filledAt: number

  constructor(perMinute: number, now: number) {
    this.#amount = perMinute
    this.#filledAt = now
  }

  /** Returns what is there at this time. */
  fill(perMinute: number, now: number): number {
    this.#amount = Math.min(perMinute, this.#amount + ((now - this.#filledAt) * perMinute) / MINUTE_MS)
    this.#filledAt = now
    return this.#amount
  }

  take(amount: number): void {
    this.#amount -= amount
  }
}

/** One limit of a caller and what a request asks of it. */
interface Demand {
  noun: 'requests' | 'tokens'
  perMinute: number
  amount: number
  allowance: MinuteAllowance
  left: number
}

/** Limits requests and tokens a minute, caller by caller, and tells clients their state in the headers that they know. */
export class UsageLimits {
  readonly #memory: MemoryTable
  readonly #callers = new BoundedMap<string, { requests: MinuteAllowance; tokens: MinuteAllowance }>(() =>
    this.#memory.release(CALLER_BYTES),
  )

  constructor(memory: MemoryBudget) {
    this.#memory = memory.table('rate_limits', () => this.#callers.forgetOldest())
  }

  /**
   * Takes what a request asks for, or takes nothing and returns the refusal.
   * @param header sets a header of the answer
   */
  refusalOf(
    { exchange, caller, tokens }: { exchange: Exchange; caller: string; tokens: number },
    settings: UsageSettings,
    now: number,
    header: (name: string, value: string) => void,
  ): ProblemError | undefined {
    const { requestsPerMinute, tokensPerMinute } = settings
    if (requestsPerMinute === 0 && tokensPerMinute === 0) return undefined
    const allowances = this.#of(caller, settings, now)
    const demands = [
      demandOf('requests', requestsPerMinute, 1, allowances.requests, now),
      demandOf('tokens', tokensPerMinute, tokens, allowances.tokens, now),
    ].filter(({ perMinute }) => perMinute > 0)
    const book = exchange.account.rateLimits
    book.came(caller, demands.map(ruleOf), now)
    // A request that asks for more than a minute allows would never be admitted, so it needs a full bucket.
    const spent = demands.filter(({ left, amount, perMinute }) => left < Math.min(amount, perMinute))
    if (spent.length === 0) {
      for (const demand of demands) {
        demand.allowance.take(demand.amount)
        demand.left -= demand.amount
      }
    }
    for (const { noun, perMinute, left } of demands) {
      header(`x-ratelimit-limit-${noun}`, String(perMinute))
      header(`x-ratelimit-remaining-${noun}`, String(Math.max(0, Math.floor(left))))
      header(`x-ratelimit-reset-${noun}`, `${waitMs(perMinute - left, perMinute)}ms`)
    }
    if (spent.length === 0) return undefined
    const waits = spent.map(demand => ({
      rule: ruleOf(demand),
      // The header has whole seconds. Rounded up, so that a client that obeys is not refused again.
      seconds: Math.max(1, Math.ceil(missingMs(demand) / 1000)),
      ms: missingMs(demand),
    }))
    book.limited(
      caller,
      waits.map(({ rule, ms }) => ({ rule, untilMs: now + ms })),
    )
    const longest = waits.reduce((one, other) => (other.ms > one.ms ? other : one))
    const nouns = spent.map(({ noun }) => noun).join(' and ')
    return new ProblemError(
      'rate_limited',
      `the limit of ${nouns} a minute is used up; try again in ${longest.ms} ms`,
      {
        headers: { 'retry-after': String(longest.seconds), 'retry-after-ms': String(longest.ms) },
      },
    )
  }

  /** Fills the allowances of all callers. */
  reset(): void {
    this.#callers.clear()
  }

  #of(caller: string, { requestsPerMinute, tokensPerMinute, callers }: UsageSettings, now: number) {
    const known = this.#callers.touch(caller)
    if (known !== undefined) return known
    const added = {
      requests: new MinuteAllowance(requestsPerMinute, now),
      tokens: new MinuteAllowance(tokensPerMinute, now),
    }
    this.#memory.charge(CALLER_BYTES)
    this.#callers.set(caller, added, callers)
    return added
  }
}

function demandOf(
  noun: Demand['noun'],
  perMinute: number,
  amount: number,
  allowance: MinuteAllowance,
  now: number,
): Demand {
  return { noun, perMinute, amount, allowance, left: allowance.fill(perMinute, now) }
}

function ruleOf({ noun }: Pick<Demand, 'noun'>): string {
  return `llm.${noun}PerMinute`
}

function missingMs({ amount, perMinute, left }: Demand): number {
  return waitMs(Math.min(amount, perMinute) - left, perMinute)
}

/** Returns how long it takes until this much has come back. */
function waitMs(amount: number, perMinute: number): number {
  return Math.max(0, Math.ceil((amount * MINUTE_MS) / perMinute))
}
