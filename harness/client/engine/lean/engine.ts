import type { Clock } from '../../../../core/clock.ts'
import { Deadlines } from '../../timing/deadlines.ts'
import type {
  ConnectionPool,
  Engine,
  EngineExchange,
  EngineOptions,
  EngineRequest,
  ExchangeListener,
} from '../engine.ts'
import { socketsTo } from './open-socket.ts'
import { LeanPool } from './pool.ts'

export interface LeanEngineOptions extends EngineOptions {
  clock: Clock
}

/** The engine made for load: HTTP/1.1 with one request at a time on each connection, and as little work for each as correctness allows. */
export class LeanEngine implements Engine {
  readonly #options: LeanEngineOptions
  readonly #deadlines: Deadlines

  constructor(options: LeanEngineOptions) {
    this.#options = options
    this.#deadlines = new Deadlines(options.clock)
  }

  pool(origin: string, connections?: number): ConnectionPool {
    return this.#pool(origin, connections)
  }

  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const pool = this.#pool(origin, 1)
    const exchange = pool.send(request, listener, true)
    // It closes once the request is over.
    void pool.close()
    return exchange
  }

  #pool(origin: string, connections: number | undefined): LeanPool {
    const { clock } = this.#options
    const open = socketsTo(origin, this.#options)
    return new LeanPool(origin, { clock, deadlines: this.#deadlines, open, connections })
  }
}
