import type { LimitedCaller, RateLimitsAccount } from '../../contract/ledger.ts'
import type { RateLimitsBook } from './account.ts'

interface Caller {
  limited: number
  early: number
  /** Until when it was told to wait; monotonic ms. */
  untilMs: number
}

/** Who met a rate limit during a run, and whether they waited as they were told. */
export class RateLimitsPage implements RateLimitsBook {
  readonly #mostCallers: number
  readonly #callers = new Map<string, Caller>()
  #limited = 0
  #early = 0
  #callersNotKept = 0

  constructor(mostCallers: number) {
    this.#mostCallers = mostCallers
  }

  came(name: string, nowMs: number): void {
    const caller = this.#callers.get(name)
    if (caller === undefined || nowMs >= caller.untilMs) return
    caller.early += 1
    this.#early += 1
  }

  limited(name: string, untilMs: number): void {
    this.#limited += 1
    const caller = this.#callers.get(name)
    if (caller !== undefined) {
      caller.limited += 1
      caller.untilMs = Math.max(caller.untilMs, untilMs)
    } else if (this.#callers.size < this.#mostCallers) this.#callers.set(name, { limited: 1, early: 0, untilMs })
    else this.#callersNotKept += 1
  }

  report(): RateLimitsAccount {
    const callers = [...this.#callers].map(
      ([caller, { limited, early }]): LimitedCaller => ({ caller, limited, early, obeyed: early === 0 }),
    )
    return { limited: this.#limited, early: this.#early, callers, callersNotKept: this.#callersNotKept }
  }
}
