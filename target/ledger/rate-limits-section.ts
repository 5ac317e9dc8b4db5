import type { LimitedCaller, RateLimitsAccount } from '../../contract/ledger.ts'
import type { RateLimitsBook, RateLimitWait } from '../exchange/account.ts'
import type { RunMemory } from './run-memory.ts'

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
  readonly #mostCallers: number
  readonly #callers = new Map<string, Caller>()
  #limited = 0
  #early = 0
  #callersNotKept = 0

  readonly #memory: RunMemory

  constructor(mostCallers: number, memory: RunMemory) {
    this.#memory = memory
    this.#mostCallers = mostCallers
  }

  came(name: string, rules: readonly string[], nowMs: number): void {
    const caller = this.#callers.get(name)
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
    const caller = this.#caller(name)
    if (caller === undefined) return
    caller.limited += 1
    for (const { rule, untilMs } of waits) caller.waits.set(rule, Math.max(untilMs, caller.waits.get(rule) ?? untilMs))
  }

  #caller(name: string): Caller | undefined {
    const known = this.#callers.get(name)
    if (known !== undefined) return known
    if (this.#callers.size >= this.#mostCallers || !this.#memory.tryCharge(CALLER_BYTES)) {
      this.#callersNotKept += 1
      return undefined
    }
    const caller: Caller = { limited: 0, early: 0, waits: new Map() }
    this.#callers.set(name, caller)
    return caller
  }

  report(): RateLimitsAccount {
    const callers = [...this.#callers].map(
      ([caller, { limited, early }]): LimitedCaller => ({ caller, limited, early, obeyed: early === 0 }),
    )
    return { limited: this.#limited, early: this.#early, callers, callersNotKept: this.#callersNotKept }
  }
}
