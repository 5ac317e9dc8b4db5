import type { buildConnector, Dispatcher, Pool } from 'undici'
import {
  type ConnectionPool,
  type Engine,
  type EngineExchange,
  type EngineOptions,
  type EngineRequest,
  type ExchangeListener,
  LARGEST_HEAD_BYTES,
} from '../engine.ts'
import { undiciConnection, type UndiciConnectionOptions, UndiciExchange } from './exchange.ts'
import { withoutInterim } from './interim.ts'
import { undici } from './library.ts'

/** Longer than servers keep idle connections by default, so that their `Keep-Alive` decides. */
const KEEP_ALIVE_MS = 60_000

/** The engine on top of undici, over HTTP/1.1. */
export class UndiciEngine implements Engine {
  readonly #options: EngineOptions

  constructor(options: EngineOptions) {
    this.#options = options
    // Now rather than with the first request, which would be late.
    undici()
  }

  pool(origin: string, connections?: number): ConnectionPool {
    return new UndiciPool(origin, { ...this.#connectionOptions(origin), connections: connections ?? null })
  }

  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const options = dispatchOptions(request)
    const exchange = new UndiciExchange(options, listener, true)
    const connection = undiciConnection(origin, this.#connectionOptions(origin))
    connection.dispatch({ ...options, reset: true }, exchange)
    return exchange
  }

  #connectionOptions(origin: string): UndiciConnectionOptions {
    return {
      connect: withoutInterim(undiciConnector(origin, this.#options)),
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: LARGEST_HEAD_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Callers check timeouts in one sweep, because undici would use timers for each connection.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
  }
}

class UndiciPool implements ConnectionPool {
  readonly #pool: Pool

  constructor(origin: string, options: Pool.Options) {
    const { Pool } = undici()
    this.#pool = new Pool(origin, {
      ...options,
      factory: (origin, options) => undiciConnection(origin, options as UndiciConnectionOptions),
    })
  }

  send(request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const options = dispatchOptions(request)
    const exchange = new UndiciExchange(options, listener)
    this.#pool.dispatch(options, exchange)
    return exchange
  }

  get connections(): number {
    return this.#pool.stats.connected + this.#pool.stats.pending
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  destroy(): Promise<void> {
    return this.#pool.destroy()
  }
}

function dispatchOptions(request: EngineRequest): Dispatcher.DispatchOptions {
  const { silenceMs, shared } = request
  // The types of undici omit that it takes any iterable.
  const options = request as Dispatcher.DispatchOptions
  if (silenceMs === undefined && shared === undefined) return options
  return {
    ...options,
    headers: { ...shared, ...request.headers },
    ...(silenceMs !== undefined && { headersTimeout: silenceMs, bodyTimeout: silenceMs }),
  }
}

function undiciConnector(origin: string, { connector, onConnected }: EngineOptions): buildConnector.connector {
  return (_target, callback) =>
    connector.connect(origin, (...result) => {
      if (result[0] !== null) return callback(result[0], null)
      onConnected?.(result[2])
      callback(null, result[1])
    })
}
