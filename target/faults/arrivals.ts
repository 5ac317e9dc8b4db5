import { random } from '../../core/random.ts'

/**
 * Counts the arrivals of each operation. The operation and the ordinal of an arrival form a number, which is the key of an
 * exchange without a key from its client. It depends on the operation's name, so that new operations do not change it.
 */
export class ArrivalCounter {
  readonly #counters = new Map<string, { base: number; count: number }>()

  constructor(operations: readonly string[]) {
    for (const name of operations) this.#counters.set(name, { base: baseOf(name), count: 0 })
  }

  /** Counts an arrival and returns its key. */
  next(operation: string): number {
    const counter = this.#counters.get(operation)
    return counter === undefined ? 0 : counter.base + counter.count++
  }

  /** Restarts all counts at 0. */
  reset(): void {
    for (const counter of this.#counters.values()) counter.count = 0
  }
}

/** Returns the key of an operation's arrival. @param ordinal from 0 */
export function arrivalKey(operation: string, ordinal: number): number {
  return baseOf(operation) + ordinal
}

/** Returns the ordinal of an arrival by its key. */
export function ordinalOf(key: number): number {
  return key % 2 ** 32
}

/** Returns 20 bits derived from the name, above 32 bits for the ordinal. A double represents such a number exactly. */
function baseOf(operation: string): number {
  return Math.floor(random(operation).next() * 2 ** 20) * 2 ** 32
}
