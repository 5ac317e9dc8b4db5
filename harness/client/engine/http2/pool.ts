import type { ClientHttp2Stream } from 'node:http2'
import type { Clock } from '../../../../core/clock.ts'
import type { Deadlines } from '../../timing/deadlines.ts'
import type { Connector, ConnectionTimes } from '../connector.ts'
import type { ConnectionPool, EngineExchange, EngineRequest, ExchangeListener } from '../engine.ts'
import { failureOf, interrupted } from '../failure.ts'
import { Http2Connection, type SessionOwner } from './connection.ts'
import { MultiplexedExchange, type StreamOwner } from './exchange.ts'
import { requestFields } from './request-fields.ts'

export interface Http2PoolOptions {
  clock: Clock
  deadlines: Deadlines
  connector: Connector
  onConnected?: ((times: ConnectionTimes) => void) | undefined
  /** Maximum number of connections at once. */
  connections?: number | undefined
  /** Maximum number of requests at once on a connection, besides that of the server. */
  mostStreams?: number | undefined
  /** Creates the pool for a server that chooses HTTP/1.1; undefined where HTTP/2 is demanded. */
  fallback?: (() => ConnectionPool) | undefined
}

/** Number of requests that a server is taken to allow before it says so: RFC 9113 §6.5.2 recommends that no server allows fewer. */
const ASSUMED_STREAMS = 100

/** The connections to one origin over TLS. A new one is opened when all others carry as many requests as they may. */
export class Http2Pool implements ConnectionPool, SessionOwner, StreamOwner {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly #origin: string
  readonly #authority: string
  readonly #options: Http2PoolOptions
  readonly #mostConnections: number
  readonly #all = new Set<Http2Connection>()
  readonly #waiting = new Set<MultiplexedExchange>()
  readonly #underWay = new Set<MultiplexedExchange>()
  #opening = 0
  /** Requests that a connection may carry, as far as is known. */
  #streamsEach: number
  /** The pool of a server that has chosen HTTP/1.1. */
  #fallback: ConnectionPool | undefined
  #isClosed = false
  #isDestroyed = false
  #onSettled: (() => void) | undefined

  constructor(origin: string, options: Http2PoolOptions) {
    const { clock, deadlines, connections, mostStreams } = options
    this.clock = clock
    this.deadlines = deadlines
    this.#origin = origin
    this.#authority = new URL(origin).host
    this.#options = options
    this.#mostConnections = connections ?? Number.POSITIVE_INFINITY
    this.#streamsEach = Math.min(ASSUMED_STREAMS, mostStreams ?? ASSUMED_STREAMS)
  }

  get connections(): number {
    return this.#all.size + this.#opening + (this.#fallback?.connections ?? 0)
  }

  send(request: EngineRequest, listener: ExchangeListener): EngineExchange {
    if (this.#fallback !== undefined && !this.#isClosed) return this.#fallback.send(request, listener)
    const exchange = new MultiplexedExchange(this, request, listener)
    this.#underWay.add(exchange)
    if (this.#isClosed) exchange.fail(interrupted)
    else this.#place(exchange)
    return exchange
  }

  resend(exchange: MultiplexedExchange): void {
    this.#underWay.add(exchange)
    this.#place(exchange)
  }

  settled(exchange: MultiplexedExchange): void {
    this.#waiting.delete(exchange)
    this.#underWay.delete(exchange)
    if (this.#underWay.size === 0) this.#onSettled?.()
  }

  hasRoom(): void {
    if (this.#waiting.size > 0) this.#serveWaiting()
  }

  allows(streams: number): void {
    this.#streamsEach = Math.min(streams, this.#options.mostStreams ?? Number.POSITIVE_INFINITY)
    for (const connection of this.#all) connection.limit(this.#streamsEach)
    this.hasRoom()
  }

  closing(connection: Http2Connection): void {
    this.#all.delete(connection)
    if (this.#waiting.size > 0) this.#serveWaiting()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#underWay.size > 0) {
      await new Promise<void>(resolve => {
        this.#onSettled = resolve
      })
    }
    for (const connection of this.#all) connection.close()
    await this.#fallback?.close()
  }

  async destroy(): Promise<void> {
    this.#isClosed = true
    this.#isDestroyed = true
    for (const exchange of this.#underWay) exchange.fail(interrupted)
    for (const connection of this.#all) connection.destroy()
    this.#all.clear()
    await this.#fallback?.destroy()
  }

  #place(exchange: MultiplexedExchange): void {
    this.#waiting.add(exchange)
    this.#serveWaiting()
  }

  #serveWaiting(): void {
    for (const connection of this.#all) {
      if (connection.isStale(this.clock.now())) {
        this.#all.delete(connection)
        connection.close()
        continue
      }
      for (let { room } = connection; room > 0 && this.#waiting.size > 0; room -= 1) this.#open(connection)
    }
    while (
      this.#waiting.size > this.#opening * this.#streamsEach &&
      this.#all.size + this.#opening < this.#mostConnections &&
      !this.#isDestroyed
    )
      this.#connect()
  }

  #open(connection: Http2Connection): void {
    const [exchange] = this.#waiting
    const { request } = exchange!
    let stream: ClientHttp2Stream | undefined
    try {
      stream = connection.request(requestFields(this.#authority, request), request.body === null, this)
    } catch (error) {
      return exchange!.fail(failureOf(error))
    }
    if (stream === undefined) return
    this.#waiting.delete(exchange!)
    exchange!.opened(connection, stream)
  }

  #connect(): void {
    const { connector, onConnected, fallback } = this.#options
    this.#opening += 1
    const protocols = fallback === undefined ? ['h2'] : ['h2', 'http/1.1']
    connector.connect(
      this.#origin,
      (...result) => {
        this.#opening -= 1
        const [error, socket] = result
        if (this.#isDestroyed) return void socket?.destroy()
        if (error !== null) return this.#failWaiting(error)
        if (!('alpnProtocol' in socket) || socket.alpnProtocol !== 'h2') {
          socket.destroy()
          return fallback === undefined ? this.#failWaiting(notOffered(this.#authority)) : this.#fallBack(fallback)
        }
        onConnected?.(result[2])
        const connection = new Http2Connection(this.#origin, socket, this.#streamsEach, this)
        this.#all.add(connection)
        this.#serveWaiting()
      },
      { protocols },
    )
  }

  /** A connection would have carried all that wait, unless another one will. */
  #failWaiting(error: Error): void {
    if (this.#opening > 0) return
    const failure = failureOf(error)
    // Those that come meanwhile get a connection of their own.
    const waiting = [...this.#waiting]
    for (const exchange of waiting) exchange.fail(failure)
  }

  #fallBack(create: () => ConnectionPool): void {
    const pool = (this.#fallback ??= create())
    const waiting = [...this.#waiting]
    for (const exchange of waiting) {
      this.#waiting.delete(exchange)
      exchange.carriedBy((request, listener) => pool.send(request, listener))
    }
  }
}

function notOffered(authority: string): Error {
  const message = `${authority} does not offer HTTP/2 (ALPN h2), which the run demands; --http-version auto takes HTTP/1.1 instead`
  return Object.assign(new Error(message), { code: 'HARNESS_TLS_NO_HTTP2' })
}
