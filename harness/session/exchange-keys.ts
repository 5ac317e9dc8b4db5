/** Characters of names that are replaced in a key, and the longest name in it. */
const UNPRINTABLE = /[^A-Za-z0-9._~-]/g
const LONGEST_NAME = 40

/** Returns the prefix of all keys of a run. It holds the seed, so that randomness at the target depends on the seed as well. */
export function keyPrefixOf(seed: number): string {
  return seed.toString(36)
}

/** Where a user runs: its worker, and the load that it belongs to, where loads have names. */
export interface UserPlace {
  worker?: number
  load?: string | undefined
}

/**
 * Keys of one user's exchanges, sent as `X-Loadcell-Exchange`: the load, the user, the iteration and the number within it. They
 * depend only on the seed, not on other users, other loads or timing. The target decides on faults by them.
 */
export class ExchangeKeys {
  readonly #prefix: string
  readonly #user: string
  readonly #who: string
  readonly #worker: number
  /** The iteration, or the other work, that the user is at; undefined during an arrival. */
  #entered: string | number | undefined
  #arrival: number | undefined
  #work: string
  #next = 0

  /** @param ordinal of this user among all of its load, whichever worker runs it. */
  constructor(prefix: string, user: string, ordinal: number, { worker = 0, load }: UserPlace = {}) {
    this.#worker = worker
    this.#prefix = prefix
    this.#user = load === undefined ? printable(user) : `${printable(load)}:${printable(user)}`
    this.#who = `${prefix}/${this.#user}-${ordinal}`
    this.#work = this.#who
  }

  /** Enters `begin`, `end` or an iteration of the user. Entering the same again continues its count. */
  enter(work: string | number): void {
    if (work === this.#entered) return
    this.#entered = work
    this.#arrival = undefined
    this.#work = `${this.#who}/${work}`
    this.#next = 0
  }

  /** Enters an arrival, whose keys do not depend on the user that is free. */
  enterArrival(ordinal: number): void {
    if (ordinal === this.#arrival) return
    this.#arrival = ordinal
    this.#entered = undefined
    this.#work = `${this.#prefix}/${this.#user}@${ordinal}`
    this.#next = 0
  }

  next(): string {
    return `${this.#work}/${this.#next++}`
  }

  /** Returns the key of a request that all users of a worker share. */
  shared(name: string): string {
    const key = `${this.#prefix}/${printable(name)}`
    return this.#worker === 0 ? key : `${key}~${this.#worker}`
  }
}

/** Returns the key of a repeated request: `key`, `key.1`, `key.2` … Faults are decided for each of them. */
export function repeated(key: string, ordinal: number): string {
  return ordinal === 0 ? key : `${key}.${ordinal}`
}

function printable(name: string): string {
  return name.replaceAll(UNPRINTABLE, '-').slice(0, LONGEST_NAME)
}
