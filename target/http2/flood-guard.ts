import type { Clock } from '../../core/clock.ts'

/** Why the target ends a connection that makes it work for nothing. */
export type Flood = 'rapid_reset' | 'control_frames' | 'protocol'

export interface FloodLimits {
  /** Requests that a client may give up, and PING and SETTINGS frames, each within `WINDOW_MS`. */
  resets: number
  controlFrames: number
}

const WINDOW_MS = 10_000

/** Counts what one connection does that costs its client little and the target much. */
export class FloodGuard {
  readonly #limits: FloodLimits
  readonly #clock: Clock
  #windowEndsAt = 0
  #resets = 0
  #controlFrames = 0

  constructor(limits: FloodLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Counts a request that the client gave up. Returns whether that is one too many. */
  reset(): boolean {
    this.#roll()
    this.#resets += 1
    return this.#resets > this.#limits.resets
  }

  /** Counts a PING or SETTINGS frame. Returns whether that is one too many. */
  controlFrame(): boolean {
    this.#roll()
    this.#controlFrames += 1
    return this.#controlFrames > this.#limits.controlFrames
  }

  #roll(): void {
    const now = this.#clock.now()
    if (now < this.#windowEndsAt) return
    this.#windowEndsAt = now + WINDOW_MS
    this.#resets = 0
    this.#controlFrames = 0
  }
}
