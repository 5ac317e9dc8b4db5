import type { Clock } from '../../../../core/clock.ts'
import type { HttpVersion } from '../../../scenario/http-version.ts'
import { Deadlines } from '../../timing/deadlines.ts'
import type {
  ConnectionPool,
  Engine,
  EngineExchange,
  EngineOptions,
  EngineRequest,
  ExchangeListener,
} from '../engine.ts'
import { Http2Pool } from './pool.ts'

export interface Http2EngineOptions extends EngineOptions {
  clock: Clock
  /** Whether every server over TLS has to speak HTTP/2. */
  version: Exclude<HttpVersion, '1.1'>
  /** Maximum number of requests at once on a connection; default: that of the server. */
  mostStreams?: number | undefined
}

/** Speaks HTTP/2 with servers that choose it in the TLS handshake, and leaves all others to an engine of HTTP/1.1. */
export class Http2Engine implements Engine {
  readonly #other: Engine
  readonly #options: Http2EngineOptions
  readonly #deadlines: Deadlines

  constructor(other: Engine, options: Http2EngineOptions) {
    this.#other = other
    this.#options = options
    this.#deadlines = new Deadlines(options.clock)
    // Loads Node's HTTP/2 only for those who use it, and before their first request, which would be late.
    process.getBuiltinModule('node:http2')
  }

  pool(origin: string, connections?: number): ConnectionPool {
    return isSecure(origin) ? this.#pool(origin, connections) : this.#other.pool(origin, connections)
  }

  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange {
    if (!isSecure(origin)) return this.#other.sendAlone(origin, request, listener)
    const pool = this.#pool(origin, 1)
    const exchange = pool.send(request, listener)
    // Its connection closes once the request is over.
    void pool.close()
    return exchange
  }

  #pool(origin: string, connections: number | undefined): Http2Pool {
    const { clock, connector, onConnected, version, mostStreams } = this.#options
    return new Http2Pool(origin, {
      clock,
      deadlines: this.#deadlines,
      connector,
      onConnected,
      connections,
      mostStreams,
      ...(version === 'auto' && { fallback: () => this.#other.pool(origin, connections) }),
    })
  }
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:')
}
