/**
 * Counter-based randomness: a draw is a pure function of (seed, key, ordinal). The same key gives the same draws, independent
 * of all other draws. Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number
  /** An independent stream of draws under this key; forking draws nothing from the parent. */
  fork(...key: (string | number)[]): Random
}

export function random(seed: number | string): Random {
  return new DrawStream(absorb(0x9e3779b9, seed))
}

/** A uniform integer in [0, exclusiveMax). */
export function randomInteger(random: Random, exclusiveMax: number): number {
  return Math.floor(random.next() * exclusiveMax)
}

/** Picks an item with probability proportional to its weight. Weights are positive. */
export function weightedPick<T extends { weight: number }>(random: Random, items: readonly T[]): T {
  let rest = random.next() * items.reduce((sum, item) => sum + item.weight, 0)
  for (const item of items) {
    rest -= item.weight
    if (rest < 0) return item
  }
  return items.at(-1) as T
}

/** Returns a short seed that `--seed` accepts. This is the only draw that is not reproducible. */
export function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number
}

/** A class, because every iteration has one: closures would take three objects. */
class DrawStream implements Random {
  readonly #state: number
  #counter = 0

  constructor(state: number) {
    this.#state = state
  }

  next(): number {
    this.#counter = (this.#counter + 1) | 0
    return mix(this.#state ^ mix(Math.imul(this.#counter, 0x9e3779b9))) / 2 ** 32
  }

  fork(...key: (string | number)[]): Random {
    let forked = mix(this.#state ^ 0x5bd1e995)
    for (const part of key) forked = absorb(forked, part)
    return new DrawStream(forked)
  }
}

/** Folds a key part into a state; the type tag keeps 1 and '1' apart. */
function absorb(state: number, part: number | string): number {
  if (typeof part === 'number' && Number.isInteger(part)) {
    return mix(mix(state ^ 0x1b873593 ^ (part | 0)) ^ Math.floor(part / 2 ** 32))
  }
  let hash = state ^ 0x85ebca6b
  for (const character of String(part)) hash = mix(hash ^ (character.codePointAt(0) as number))
  return hash
}

/** A 32-bit finaliser with full avalanche (constants found by C. Wellons' hash prospector, "lowbias32"). */
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return (hash ^ (hash >>> 15)) >>> 0
}
