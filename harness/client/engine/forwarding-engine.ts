import type { Connector } from './connector.ts'
import type { ConnectionPool, Engine, EngineExchange, EngineRequest, ExchangeListener, ResponseHead } from './engine.ts'
import type { ExchangeFailure } from './failure.ts'
import { proxyRefusal } from './proxy/proxy-error.ts'
import type { Proxy } from './proxy/proxy.ts'

const PROXY_AUTHENTICATION_REQUIRED = 407

/** Returns an engine that sends requests without TLS to their proxy, if the connector knows any. */
export function throughProxies(engine: Engine, connector: Connector): Engine {
  return connector.hasProxies ? new ForwardingEngine(engine, connector) : engine
}

class ForwardingEngine implements Engine {
  readonly #engine: Engine
  readonly #connector: Connector

  constructor(engine: Engine, connector: Connector) {
    this.#engine = engine
    this.#connector = connector
  }

  pool(origin: string, connections?: number): ConnectionPool {
    const pool = this.#engine.pool(origin, connections)
    const proxy = this.#connector.forwarderOf(origin)
    return proxy === undefined ? pool : new ForwardingPool(pool, origin, proxy)
  }

  sendAlone(origin: string, request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const proxy = this.#connector.forwarderOf(origin)
    if (proxy === undefined) return this.#engine.sendAlone(origin, request, listener)
    const forwarded = new ForwardedListener(listener, proxy)
    forwarded.exchange = this.#engine.sendAlone(origin, forwardedRequest(request, origin, proxy), forwarded)
    return forwarded.exchange
  }
}

class ForwardingPool implements ConnectionPool {
  readonly #pool: ConnectionPool
  readonly #origin: string
  readonly #proxy: Proxy

  constructor(pool: ConnectionPool, origin: string, proxy: Proxy) {
    this.#pool = pool
    this.#origin = origin
    this.#proxy = proxy
  }

  get connections(): number {
    return this.#pool.connections
  }

  send(request: EngineRequest, listener: ExchangeListener): EngineExchange {
    const forwarded = new ForwardedListener(listener, this.#proxy)
    forwarded.exchange = this.#pool.send(forwardedRequest(request, this.#origin, this.#proxy), forwarded)
    return forwarded.exchange
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  destroy(): Promise<void> {
    return this.#pool.destroy()
  }
}

/** Passes the events of an exchange on. A refusal that only a proxy gives is not a response of the target. */
class ForwardedListener implements ExchangeListener {
  exchange: EngineExchange | undefined
  readonly #listener: ExchangeListener
  readonly #proxy: Proxy

  constructor(listener: ExchangeListener, proxy: Proxy) {
    this.#listener = listener
    this.#proxy = proxy
  }

  onSend(): void {
    this.#listener.onSend()
  }

  onHead(status: number, head: ResponseHead): void {
    if (status !== PROXY_AUTHENTICATION_REQUIRED) return this.#listener.onHead(status, head)
    const { shown, authorization } = this.#proxy
    this.exchange?.abort()
    this.#listener.onFailure({ reason: 'proxy', example: proxyRefusal(shown, status, authorization !== undefined) })
  }

  onData(chunk: Buffer): void {
    this.#listener.onData(chunk)
  }

  onEnd(): void {
    this.#listener.onEnd()
  }

  onFailure(failure: ExchangeFailure): void {
    this.#listener.onFailure(failure)
  }
}

/** Returns the request as a proxy reads it: with the whole URL (RFC 9112 §3.2.2). */
function forwardedRequest(request: EngineRequest, origin: string, { authorization }: Proxy): EngineRequest {
  const headers =
    authorization === undefined ? request.headers : { ...request.headers, 'proxy-authorization': authorization }
  return { ...request, path: origin + request.path, headers }
}
