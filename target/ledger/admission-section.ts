import type { LimitedCaller, RateLimitsAccount, TokensAccount } from '../../contract/ledger.ts'
import type { RateLimitsBook, RateLimitWait, TokensBook } from '../exchange/account.ts'
import { type CountMemory, Counts, NamedAccounts } from './counts.ts'

/** Tokens that were requested and presented during a run. */
export class TokensSection implements TokensBook {
  readonly #counts = { issued: 0, refreshed: 0, revoked: 0 }
  readonly #rejected = new Counts()
  readonly #refused = new Counts()

  issued(): void {
    this.#counts.issued += 1
  }

  refreshed(): void {
    this.#counts.refreshed += 1
  }

  revoked(): void {
    this.#counts.revoked += 1
  }

  rejected(error: string): void {
    this.#rejected.add(error)
  }

  refused(code: string): void {
    this.#refused.add(code)
  }

  report(): TokensAccount {
    return { ...this.#counts, rejected: this.#rejected.toJSON(), refused: this.#refused.toJSON() }
  }
}

/** Estimate for the account of one caller, measured and rounded up. */
const CALLER_BYTES = 900

/** Timers of clients count whole milliseconds, and may fire a fraction of one early. */
const TIMER_GRAIN_MS = 1

interface Caller {
  limited: number
  early: number
  /** End of the demanded wait by rule, monotonic ms. A rule that admits the caller does not affect the wait of another. */
  waits: Map<string, number>
}

/** Records which callers met a rate limit during a run, and whether they waited as told. */
export class RateLimitsSection implements RateLimitsBook {
  readonly #callers: NamedAccounts<Caller>
  #limited = 0
  #early = 0

  constructor(mostCallers: number, memory: CountMemory) {
    this.#callers = new NamedAccounts({
      most: mostCallers,
      memory,
      bytesOf: () => CALLER_BYTES,
      create: () => ({ limited: 0, early: 0, waits: new Map() }),
    })
  }

  came(name: string, rules: readonly string[], nowMs: number): void {
    const caller = this.#callers.find(name)
    if (caller === undefined) return
    let early = false
    for (const rule of rules) {
      const untilMs = caller.waits.get(rule)
      if (untilMs === undefined) continue
      if (nowMs + TIMER_GRAIN_MS <= untilMs) early = true
      else caller.waits.delete(rule)
    }
    if (!early) return
    caller.early += 1
    this.#early += 1
  }

  limited(name: string, waits: readonly RateLimitWait[]): void {
    this.#limited += 1
    const caller = this.#callers.of(name)
    if (caller === undefined) return
    caller.limited += 1
    for (const { rule, untilMs } of waits) caller.waits.set(rule, Math.max(untilMs, caller.waits.get(rule) ?? untilMs))
  }

  report(): RateLimitsAccount {
    const callers = Array.from(
      this.#callers,
      ([caller, { limited, early }]): LimitedCaller => ({ caller, limited, early, obeyed: early === 0 }),
    )
    return { limited: this.#limited, early: this.#early, callers, callersNotKept: this.#callers.notKept }
  }
}
