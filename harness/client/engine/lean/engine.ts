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

const CONNECT_WITHIN_MS = 10_000

/** The engine made for load: HTTP/1.1 with one request at a time on each connection, and as little work for each as correctness allows. */
export class LeanEngine implements Engine {
  readonly #options: Required<Pick<EngineOptions, 'clock' | 'connectWithinMs'>> & Pick<EngineOptions, 'onConnected'>
  readonly #deadlines: Deadlines

  constructor({ clock, connectWithinMs = CONNECT_WITHIN_MS, onConnected }: EngineOptions) {
    this.#options = { clock, connectWithinMs, onConnected }
    this.#deadlines = new Deadlines(clock)
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
    const { clock, connectWithinMs, onConnected = () => {} } = this.#options
    const url = new URL(origin)
    const open = socketsTo({ clock, origin: url, connectWithinMs, onConnected })
    return new LeanPool(url, { clock, deadlines: this.#deadlines, open, connections })
  }
}
