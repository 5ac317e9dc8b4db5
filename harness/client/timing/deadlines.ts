import type { Clock } from '../../../core/clock.ts'
import { type Duration, parseDuration } from '../../../core/duration.ts'

/** Default limit on the wait for a whole response, the head of a stream, a handshake or the answer to a frame. */
export const DEFAULT_TIMEOUT_MS = 60_000

/** Returns the `timeout` of a scenario in ms. @throws Error for a text that is no duration */
export function timeoutMsOf(timeout: Duration | undefined): number {
  return timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(timeout)
}

/** Anything that must end by a certain time. */
export interface Expiring {
  /** The clock's monotonic ms. */
  readonly expiresAt: number
  /** Its index among those that wait. Only `Deadlines` changes it; 0 at first. */
  waitingAt: number
  expire(): void
}

/** A passed deadline is noticed at most this much later. */
const SWEEP_INTERVAL_MS = 25

/** Checks all deadlines in one periodic sweep. A timer for each request would cost too much. */
export class Deadlines {
  readonly #clock: Clock
  /** In no order. A set would keep one, but takes longer to delete an entry than everything else here. */
  readonly #pending: Expiring[] = []
  #sweeping = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(expiring: Expiring): void {
    if (this.#pending[expiring.waitingAt] === expiring) return
    expiring.waitingAt = this.#pending.length
    this.#pending.push(expiring)
    if (!this.#sweeping) void this.#sweep()
  }

  delete(expiring: Expiring): void {
    const { waitingAt } = expiring
    if (this.#pending[waitingAt] !== expiring) return
    const last = this.#pending.pop()!
    if (last === expiring) return
    this.#pending[waitingAt] = last
    last.waitingAt = waitingAt
  }

  async #sweep(): Promise<void> {
    this.#sweeping = true
    while (this.#pending.length > 0) {
      await this.#clock.sleep(SWEEP_INTERVAL_MS)
      const now = this.#clock.now()
      // Those that expire first leave, because each of them may add and delete others.
      const expired = this.#pending.filter(({ expiresAt }) => expiresAt <= now)
      for (const expiring of expired) {
        if (this.#pending[expiring.waitingAt] !== expiring) continue
        this.delete(expiring)
        expiring.expire()
      }
    }
    this.#sweeping = false
  }
}

/** A time limit on a wait. It calls `onExpire` when it expires, unless it is cancelled first. */
export class Timeout implements Expiring {
  readonly expiresAt: number
  waitingAt = 0
  expired = false
  onExpire: (() => void) | undefined
  readonly #deadlines: Deadlines

  constructor(deadlines: Deadlines, expiresAt: number) {
    this.#deadlines = deadlines
    this.expiresAt = expiresAt
    deadlines.add(this)
  }

  expire(): void {
    this.expired = true
    this.onExpire?.()
  }

  /** Removes the limit, because the wait is over. */
  cancel(): void {
    this.#deadlines.delete(this)
  }
}
