import { Pool, type Dispatcher } from 'undici'
import type { Clock } from '../../../../core/clock.ts'
import {
  type ConnectionPool,
  type Engine,
  type EngineExchange,
  type EngineRequest,
  type ExchangeListener,
  LARGEST_HEAD_BYTES,
} from '../engine.ts'
import { racingConnector } from './connector.ts'
import { LoneUndiciExchange, UndiciConnection, type UndiciConnectionOptions, UndiciExchange } from './exchange.ts'
import { withoutInterim } from './interim.ts'

/** Longer than servers keep idle connections by default, so that it is their `Keep-Alive` that counts. */
const KEEP_ALIVE_MS = 60_000

/** The same as undici's own limit. */
const CONNECT_WITHIN_MS = 10_000

/** The engine on top of undici, over HTTP/1.1. */
export class UndiciEngine implements Engine {
  readonly #options: UndiciConnectionOptions

  constructor({ clock, connectWithinMs = CONNECT_WITHIN_MS }: { clock: Clock; connectWithinMs?: number }) {
    this.#options = {
      connect: withoutInterim(racingConnector(clock, connectWithinMs)),
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: LARGEST_HEAD_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Callers keep the time with one sweep for all: these would be timers of each connection.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
  }

  pool(origin: string, connections?: number): ConnectionPool {
    return new UndiciPool(origin, { ...this.#options, connections: connections ?? null })
  }

  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const exchange = new LoneUndiciExchange(request, listener)
    new UndiciConnection(origin, this.#options).dispatch({ ...dispatchOptions(request), reset: true }, exchange)
    return exchange
  }
}

class UndiciPool implements ConnectionPool {
  readonly #pool: Pool

  constructor(origin: string, options: Pool.Options) {
    this.#pool = new Pool(origin, {
      ...options,
      factory: (origin, options) => new UndiciConnection(origin, options as UndiciConnectionOptions),
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
  const { silenceMs } = request
  return silenceMs === undefined ? request : { ...request, headersTimeout: silenceMs, bodyTimeout: silenceMs }
}
