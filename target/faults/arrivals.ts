import { random } from '../../core/random.ts'

/**
 * Counts the arrivals of each operation, and makes of operation and ordinal one number: the key of an exchange whose
 * client gives it none. The number of an operation goes by its name, so that it stays when others come to the contract.
 */
export class ArrivalCounter {
  readonly #counters = new Map<string, { base: number; count: number }>()

  constructor(operations: readonly string[]) {
    for (const name of operations) this.#counters.set(name, { base: baseOf(name), count: 0 })
  }

  /** The key of the one that comes now. */
  next(operation: string): number {
    const counter = this.#counters.get(operation)
    return counter === undefined ? 0 : counter.base + counter.count++
  }

  /** From here on counting starts again at the first. */
  reset(): void {
    for (const counter of this.#counters.values()) counter.count = 0
  }
}

/** The key of an operation's arrival by its ordinal, from 0. */
export function arrivalKey(operation: string, ordinal: number): number {
  return baseOf(operation) + ordinal
}

/** The ordinal in such a key. */
export function ordinalOf(key: number): number {
  return key % 2 ** 32
}

/** 20 bits of the name above 32 of the ordinal: a whole number that a double holds. */
function baseOf(operation: string): number {
  return Math.floor(random(operation).next() * 2 ** 20) * 2 ** 32
}
