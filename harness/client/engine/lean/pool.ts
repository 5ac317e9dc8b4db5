import type { Socket } from 'node:net'
import type { Clock } from '../../../../core/clock.ts'
import { LinkedList } from '../../../../core/linked-list.ts'
import type { Deadlines } from '../../timing/deadlines.ts'
import type { ConnectionPool, EngineRequest, ExchangeListener } from '../engine.ts'
import { type ExchangeFailure, failureOf, interrupted } from '../failure.ts'
import { type ConnectionOwner, LeanConnection } from './connection.ts'
import { type ExchangeOwner, LeanExchange } from './exchange.ts'
import { RequestText } from './request-text.ts'

/** Receives the bytes of a socket, which are overwritten after the call. */
export type Receive = (bytes: Buffer, start: number, end: number) => void

/** Opens a socket, with TLS where the origin has it. `done` is called once. */
export type SocketOpener = (receive: Receive, done: (error: Error | null, socket?: Socket) => void) => void

export interface LeanPoolOptions {
  clock: Clock
  deadlines: Deadlines
  open: SocketOpener
  /** Maximum number of connections at once. */
  connections?: number | undefined
}

/** A response waits no longer than this for the end of the turn. */
const LONGEST_WAIT_MS = 1

/** Idle connections that no server has promised to keep are closed after this time. Most servers close them earlier. */
const KEEP_ALIVE_MS = 60_000

const unsendable: ExchangeFailure = {
  reason: 'other',
  example: 'expected a request whose address and headers have no line breaks',
}

/** The connections to one origin. The one that was used last is used first, so that those that are not needed can close. */
export class LeanPool implements ConnectionPool, ConnectionOwner, ExchangeOwner {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly #open: SocketOpener
  readonly #text: RequestText
  readonly #mostConnections: number
  /** Last released last. */
  readonly #idle: LeanConnection[] = []
  /**
   * Connections whose response has just come. A server that closes them says so often only by doing it, and the loop has to look at the
   * sockets once more to see that.
   */
  #fresh: LeanConnection[] = []
  #seasoned: LeanConnection[] = []
  #settling = 0
  /** Connections with a response that waits for the end of the turn, and since when the first of them does. */
  #arrived: LeanConnection[] = []
  #arrivedSince = 0
  /** Whether this turn ends with `#endTurn`. */
  #ends = false
  readonly #all = new Set<LeanConnection>()
  readonly #waiting = new LinkedList<LeanExchange>()
  /** Those that wait for a connection of their own. */
  readonly #resent = new Set<LeanExchange>()
  /** Requests that are not over. */
  #pending = 0
  /** Connections that are being opened for any request that waits. */
  #opening = 0
  /** No further request is accepted. */
  #isClosed = false
  #isDestroyed = false
  #onSettled: (() => void) | undefined

  constructor(origin: string, { clock, deadlines, open, connections }: LeanPoolOptions) {
    this.clock = clock
    this.deadlines = deadlines
    this.#open = open
    this.#text = new RequestText(new URL(origin))
    this.#mostConnections = connections ?? Number.POSITIVE_INFINITY
  }

  get connections(): number {
    return this.#all.size
  }

  send(request: EngineRequest, listener: ExchangeListener, closes = false): LeanExchange {
    const exchange = new LeanExchange(this, request, listener, closes)
    this.#pending += 1
    if (this.#isClosed || !this.#text.isSendable(request)) {
      exchange.fail(this.#isClosed ? interrupted : unsendable, false)
      this.settled()
      return exchange
    }
    const isIdle = this.#waiting.length === 0 && this.#idle.length > 0
    const connection = isIdle ? this.#takeIdle(this.clock.now()) : undefined
    if (connection !== undefined) {
      connection.send(exchange)
    } else {
      exchange.isQueued = true
      this.#waiting.push(exchange)
      this.#openMore()
    }
    return exchange
  }

  resend(exchange: LeanExchange): void {
    this.#pending += 1
    this.#resent.add(exchange)
    this.#connect(exchange)
  }

  abandoned(exchange: LeanExchange): void {
    if (exchange.isQueued) this.#dequeue(exchange)
    this.#resent.delete(exchange)
    this.settled()
  }

  arrived(connection: LeanConnection, at: number): void {
    if (this.#arrived.push(connection) === 1) {
      this.#arrivedSince = at
      this.#endThisTurn()
    } else if (at - this.#arrivedSince >= LONGEST_WAIT_MS) this.#readArrived()
  }

  released(connection: LeanConnection): void {
    this.#fresh.push(connection)
    this.#settling += 1
    this.#endThisTurn()
  }

  #endThisTurn(): void {
    if (this.#ends) return
    this.#ends = true
    setImmediate(this.#endTurn)
  }

  /** Runs behind a look at all sockets: writes the requests of the last turn, one after the other, then reads the responses of this one. */
  readonly #endTurn = (): void => {
    this.#ends = false
    const seasoned = this.#seasoned
    this.#seasoned = this.#fresh
    this.#fresh = []
    if (seasoned.length > 0) this.#rested(seasoned)
    if (this.#waiting.length > 0) this.#serveWaiting()
    if (this.#arrived.length > 0) {
      this.#readArrived()
      // The next look at the sockets is their first, as it is for those before them.
      this.#seasoned.push(...this.#fresh)
      this.#fresh = []
    }
    if (this.#settling > 0) this.#endThisTurn()
  }

  #rested(connections: readonly LeanConnection[]): void {
    const now = this.clock.now()
    for (const connection of connections) {
      if (connection.isClosed) continue
      connection.idleSince = now
      this.#idle.push(connection)
    }
    this.#settling -= connections.length
  }

  #readArrived(): void {
    const arrived = this.#arrived
    this.#arrived = []
    for (const connection of arrived) connection.readArrived()
  }

  closed(connection: LeanConnection): void {
    this.#all.delete(connection)
    const at = this.#idle.lastIndexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
  }

  settled(): void {
    this.#pending -= 1
    if (this.#waiting.length > 0) this.#serveWaiting()
    if (this.#pending === 0) this.#onSettled?.()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#pending > 0) {
      await new Promise<void>(resolve => {
        this.#onSettled = resolve
      })
    }
    for (const connection of this.#all) connection.close()
  }

  destroy(): Promise<void> {
    this.#isClosed = true
    this.#isDestroyed = true
    for (let exchange = this.#takeWaiting(); exchange !== undefined; exchange = this.#takeWaiting())
      this.#giveUp(exchange)
    for (const exchange of this.#resent) {
      this.#resent.delete(exchange)
      this.#giveUp(exchange)
    }
    for (const connection of this.#all) connection.fail(interrupted)
    return Promise.resolve()
  }

  #takeIdle(now: number): LeanConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) return undefined
      if (now - connection.idleSince < (connection.keepAliveMs ?? KEEP_ALIVE_MS)) return connection
      connection.close()
    }
  }

  #serveWaiting(): void {
    if (this.#idle.length === 0) return this.#openMore()
    // One look at the clock for all of them.
    const now = this.clock.now()
    while (this.#waiting.length > 0) {
      const connection = this.#takeIdle(now)
      if (connection === undefined) return this.#openMore()
      connection.send(this.#takeWaiting()!)
    }
  }

  #takeWaiting(): LeanExchange | undefined {
    const exchange = this.#waiting.first
    if (exchange !== undefined) this.#dequeue(exchange)
    return exchange
  }

  #dequeue(exchange: LeanExchange): void {
    exchange.isQueued = false
    this.#waiting.remove(exchange)
  }

  #giveUp(exchange: LeanExchange): void {
    exchange.fail(interrupted, false)
    this.settled()
  }

  #openMore(): void {
    while (
      this.#opening + this.#settling < this.#waiting.length &&
      this.#all.size < this.#mostConnections &&
      !this.#isDestroyed
    )
      this.#connect(undefined)
  }

  /** @param bound the request that the connection is opened for; undefined for the first that waits. */
  #connect(bound: LeanExchange | undefined): void {
    const connection = new LeanConnection(this, this.#text)
    this.#all.add(connection)
    if (bound === undefined) this.#opening += 1
    this.#open(
      (bytes, start, end) => connection.receive(bytes, start, end),
      (error, socket) => {
        if (bound === undefined) this.#opening -= 1
        // Its pool is closed, or its only request was given up.
        if (connection.isClosed) return void socket?.destroy()
        const exchange = this.#takeUnsent(bound)
        if (socket !== undefined) {
          connection.opened(socket)
          if (exchange === undefined) this.released(connection)
          else connection.send(exchange)
        } else {
          connection.close()
          if (exchange === undefined) return
          exchange.fail(failureOf(error), false)
          this.settled()
        }
      },
    )
  }

  /** Returns the request that a new connection is for; undefined if it was given up. */
  #takeUnsent(bound: LeanExchange | undefined): LeanExchange | undefined {
    if (bound === undefined) return this.#takeWaiting()
    return this.#resent.delete(bound) ? bound : undefined
  }
}
