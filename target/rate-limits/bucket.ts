import type { TokenRate } from './rule.ts'

/** A token bucket. It starts full and reads no clock: callers pass the time. */
export class Bucket {
  readonly #rate: TokenRate
  #units: number
  #filledAtMicroseconds: number

  constructor(rate: TokenRate, nowMs: number) {
    this.#rate = rate
    this.#units = rate.capacityUnits
    this.#filledAtMicroseconds = microseconds(nowMs)
  }

  /** Returns the whole tokens at this time. Call it first: the other methods refer to that time. */
  refill(nowMs: number): number {
    const { unitsPerMicrosecond, capacityUnits, tokenUnits } = this.#rate
    const now = microseconds(nowMs)
    const gained = Math.max(0, now - this.#filledAtMicroseconds) * unitsPerMicrosecond
    this.#units = Math.min(capacityUnits, this.#units + gained)
    this.#filledAtMicroseconds = now
    return Math.floor(this.#units / tokenUnits)
  }

  /** Takes a token. There must be one. */
  take(): void {
    this.#units -= this.#rate.tokenUnits
  }

  /** Whole seconds after which there is one more token; 0 if the bucket is full. */
  get secondsToNext(): number {
    const { unitsPerMicrosecond, capacityUnits, tokenUnits } = this.#rate
    if (this.#units >= capacityUnits) return 0
    const missingUnits = tokenUnits - (this.#units % tokenUnits)
    return Math.ceil(Math.ceil(missingUnits / unitsPerMicrosecond) / 1_000_000)
  }
}

function microseconds(timeMs: number): number {
  return Math.floor(timeMs * 1000)
}
