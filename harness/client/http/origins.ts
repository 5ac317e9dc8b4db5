import type { Query } from '../../scenario/http.ts'
import type { ConnectionPool, Engine } from '../engine/engine.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import { encodeQuery } from '../message/request-head.ts'

/** Maximum number of other origins that responses of the target may lead to. */
const MOST_OTHERS = 16

/** Connections of a run: to the servers of the scenario, and to origins that their redirects and jobs lead to. */
export class Origins {
  readonly #engine: Engine
  readonly #connections: number | undefined
  readonly #most: number
  readonly #pools = new Map<string, ConnectionPool>()
  /** The pool of the last request: most scenarios send to one server. */
  #lastOrigin = ''
  #last: ConnectionPool | undefined

  /** @param connections maximum number of connections to one origin; as many as are needed by default. */
  constructor(engine: Engine, origins: readonly string[], connections: number | undefined) {
    this.#engine = engine
    this.#connections = connections
    for (const origin of new Set(origins)) this.#pools.set(origin, engine.pool(origin, connections))
    this.#most = this.#pools.size + MOST_OTHERS
  }

  /** Returns the pool of an origin; undefined if there are too many origins. */
  of(origin: string): ConnectionPool | undefined {
    if (origin === this.#lastOrigin) return this.#last
    let pool = this.#pools.get(origin)
    if (pool === undefined) {
      if (this.#pools.size >= this.#most) return undefined
      pool = this.#engine.pool(origin, this.#connections)
      this.#pools.set(origin, pool)
    }
    this.#lastOrigin = origin
    this.#last = pool
    return pool
  }

  /** Number of open connections, and of those being opened. */
  get connections(): number {
    return [...this.#pools.values()].reduce((sum, { connections }) => sum + connections, 0)
  }

  /** Resolves once all requests under way are answered. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.close()))
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.destroy()))
  }
}

/** Other origins that a job or its download has led one user to. */
export class NamedOrigins {
  #origins: Set<string> | undefined

  add({ origin }: URL): void {
    this.#origins ??= new Set()
    if (this.#origins.size < MOST_OTHERS) this.#origins.add(origin)
  }

  /** Returns the URL of a read request to one of these origins; undefined for all other requests. */
  find(method: string, path: string, query: Query | undefined): URL | undefined {
    if (this.#origins === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined
    const url = URL.parse(path)
    if (url === null || !this.#origins.has(url.origin)) return undefined
    if (query !== undefined)
      url.search = [url.search.slice(1), encodeQuery(query)].filter(part => part !== '').join('&')
    return url
  }
}

export function tooManyOrigins(origin: string): ExchangeFailure {
  return { reason: 'redirect', example: `the target leads to too many other origins, the last one ${origin}` }
}
