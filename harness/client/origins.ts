import { type Dispatcher, Pool } from 'undici'
import type { ExchangeFailure } from './failure.ts'

/** Most origins beside the target that its responses may lead to. */
const MOST_OTHERS = 16

/** Connections of a run: to the target, and to origins that its redirects and jobs lead to. */
export class Origins {
  readonly #options: Pool.Options
  readonly #pools = new Map<string, Pool>()

  constructor(origin: string, options: Pool.Options) {
    this.#options = options
    this.#pools.set(origin, new Pool(origin, options))
  }

  /** Returns the pool of an origin; undefined past the bound. */
  of(origin: string): Dispatcher | undefined {
    const known = this.#pools.get(origin)
    if (known !== undefined || this.#pools.size > MOST_OTHERS) return known
    const pool = new Pool(origin, this.#options)
    this.#pools.set(origin, pool)
    return pool
  }

  /** Resolves once all requests under way are answered. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.close()))
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.destroy()))
  }
}

export function tooManyOrigins(origin: string): ExchangeFailure {
  return { reason: 'redirect', example: `the target leads to too many other places, the last one ${origin}` }
}
