import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Random } from '../../core/random.ts'
import { derive, type Settings } from '../configuration/settings.ts'
import type { SlowConsumerBudget } from '../connections/outbox.ts'
import { Pool, type PoolDependencies, type PoolMember } from '../connections/pool.ts'
import { SocketWire } from '../connections/socket-wire.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { socketKey } from '../exchange/key.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { Conversation } from './conversation.ts'
import type { OpenedSocket } from './endpoint.ts'
import { socketHeartbeat } from './heartbeat.ts'
import { type LiveSocketLimits, socketLimits } from './limits.ts'
import { Subscriptions } from './subscriptions.ts'
import { chargeUnfinishedMessage } from './unfinished-message.ts'

export interface SocketsOptions extends PoolDependencies {
  settings: Settings
  lifecycle: Lifecycle
  log: Logger
}

/** All WebSocket clients, over all endpoints. */
export class Sockets {
  readonly #options: SocketsOptions
  readonly #limits: LiveSocketLimits
  readonly #pool: Pool
  /** Sockets that are closing. */
  readonly #leaving = new Set<Socket>()
  readonly #budgets = new Map<SocketOperation, () => SlowConsumerBudget>()
  #opened = 0

  constructor(options: SocketsOptions) {
    this.#options = options
    this.#limits = derive(options.settings, socketLimits)
    this.#pool = new Pool({ ...options, noun: 'WebSockets', limits: () => this.#limits.current })
    options.lifecycle.onReset('streams', () => this.#pool.close('control'))
    options.lifecycle.on('stop', () => this.#pool.close('shutdown'))
    options.lifecycle.on('cut', () => this.#cut())
  }

  get size(): number {
    return this.#pool.size
  }

  /** Bytes that wait for slow clients. */
  get bufferedBytes(): number {
    return this.#pool.bufferedBytes
  }

  get members(): Iterable<PoolMember> {
    return this.#pool.members
  }

  /** Admits a handshake. @throws ProblemError */
  admit(exchange: Exchange): void {
    this.#pool.admit(this.#leaving.size, () => exchange.account.sockets.refused())
  }

  /** Takes over a socket after its handshake. */
  join({ endpoint, exchange, webSocket, socket, query, head }: OpenedSocket): void {
    this.#opened += 1
    exchange.streamOpened(101)
    const { clock, memory, log } = this.#options
    const { account, bearer, tenant } = exchange
    const key = exchange.key ?? socketKey(this.#opened)
    const { operation, protocol } = endpoint
    const book = account.sockets.open(operation)
    const member = this.#pool.open({
      exchange,
      head,
      key,
      consumer: book,
      wire: new SocketWire(webSocket, socket),
      budget: this.#budgetFor(operation),
      lagged: gap => protocol.lagged(gap),
      onClosed: () => {
        conversation.end()
        this.#watchLeave(socket)
      },
    })
    const { connection, faults } = member
    const now = clock.now()
    const heartbeat = socketHeartbeat({ webSocket, socket, now, limits: this.#limits, book, muting: faults })
    const conversation = new Conversation({
      endpoint,
      webSocket,
      connection,
      clock,
      limits: this.#limits,
      key,
      tenant,
      bearer,
      query,
      exchange,
      head,
      subscriptions: new Subscriptions(() => this.#limits.current.subscriptions, memory.table('subscriptions')),
      onFrame: (bytes, refusal) => {
        exchange.bytesIn += bytes
        book.heard(refusal)
      },
      onException: error => {
        log.error({ err: error, operation })
        connection.close('fault', wire => wire.end('fault', protocol.failureCode))
      },
    })
    chargeUnfinishedMessage(webSocket, socket, memory.table('requests'), () => {
      // The client may still send while its connection closes.
      if (connection.isOpen) connection.close('slow_consumer')
      else socket.destroy()
    })
    // The library has already closed the WebSocket with 1002, 1007 or 1009.
    webSocket.on('error', () => connection.close('protocol'))
    this.#pool.add(member, conversation.reviewed(heartbeat))
  }

  /** Returns one function for all connections of an endpoint, so that they can share what is decided about frames. */
  #budgetFor(operation: SocketOperation): () => SlowConsumerBudget {
    let budget = this.#budgets.get(operation)
    if (budget === undefined) {
      this.#budgets.set(operation, (budget = () => this.#limits.current.budgetOf(operation)))
    }
    return budget
  }

  /** Stops waiting for closing clients. */
  #cut(): void {
    for (const socket of this.#leaving) socket.destroy()
  }

  /** Ends a random share of the connections; returns their number. */
  disconnect(share: number, random: Random): number {
    return this.#pool.disconnect(share, random)
  }

  #watchLeave(socket: Socket): void {
    if (socket.destroyed) return
    this.#leaving.add(socket)
    socket.once('close', () => this.#leaving.delete(socket))
  }
}
