import { isIP } from 'node:net'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import type { Clock } from '../../../../core/clock.ts'
import {
  type ConnectionPool,
  type Engine,
  type EngineExchange,
  type EngineOptions,
  type EngineRequest,
  type ExchangeListener,
  LARGEST_HEAD_BYTES,
} from '../engine.ts'
import { dial } from '../dial.ts'
import { UndiciConnection, type UndiciConnectionOptions, UndiciExchange } from './exchange.ts'
import { withoutInterim } from './interim.ts'

/** Longer than servers keep idle connections by default, so that their `Keep-Alive` decides. */
const KEEP_ALIVE_MS = 60_000

/** The same as undici's own limit. */
const CONNECT_WITHIN_MS = 10_000

/** The engine on top of undici, over HTTP/1.1. */
export class UndiciEngine implements Engine {
  readonly #options: UndiciConnectionOptions

  constructor({ clock, connectWithinMs = CONNECT_WITHIN_MS, onConnected = () => {} }: EngineOptions) {
    this.#options = {
      connect: withoutInterim(timed(racingConnector(clock, connectWithinMs), clock, onConnected)),
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: LARGEST_HEAD_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Callers check timeouts in one sweep, because undici would use timers for each connection.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
  }

  pool(origin: string, connections?: number): ConnectionPool {
    return new UndiciPool(origin, { ...this.#options, connections: connections ?? null })
  }

  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const exchange = new UndiciExchange(request, listener, true)
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
  const { silenceMs, shared } = request
  if (silenceMs === undefined && shared === undefined) return request
  return {
    ...request,
    headers: { ...shared, ...request.headers },
    ...(silenceMs !== undefined && { headersTimeout: silenceMs, bodyTimeout: silenceMs }),
  }
}

function timed(
  connect: buildConnector.connector,
  clock: Clock,
  onConnected: (tookMs: number) => void,
): buildConnector.connector {
  return (target, callback) => {
    const askedAt = clock.now()
    connect(target, (...result) => {
      if (result[0] === null) onConnected(clock.now() - askedAt)
      callback(...result)
    })
  }
}

/** Returns a connector like undici's that races the addresses of a name. */
function racingConnector(clock: Clock, timeoutMs: number): buildConnector.connector {
  const direct = buildConnector({ allowH2: false, timeout: timeoutMs })
  return (target, callback) => {
    const { hostname, protocol } = target
    if (isIP(hostname) !== 0) return direct(target, callback)
    const isSecure = protocol === 'https:'
    const port = Number(target.port || (isSecure ? 443 : 80))
    dial({ clock, host: hostname, port, timeoutMs }, (error, socket) => {
      if (error !== null) callback(error, null)
      else if (socket === undefined) callback(new Error(`no connection to ${hostname}`), null)
      else if (isSecure) direct({ ...target, httpSocket: socket }, callback)
      else callback(null, socket)
    })
  }
}
