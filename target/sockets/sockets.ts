import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { checker } from '../../core/check.ts'
import type { CloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { StillGood } from '../exchange/bearer.ts'
import type { Settings } from '../configuration/settings.ts'
import type { RequestHead } from '../faults/exchange-subject.ts'
import { ConnectionFaults, type StreamFaultParts } from '../faults/stream/connection-faults.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { socketKey } from '../exchange/key.ts'
import type { MemoryBudget } from '../memory/budget.ts'
import { ProblemError } from '../exchange/problem.ts'
import { Connection } from '../connections/connection.ts'
import { bufferedBytesOf, disconnectShare } from '../connections/connected.ts'
import { Flusher } from '../connections/flusher.ts'
import { SocketFrame } from '../connections/socket-frame.ts'
import { SocketWire } from '../connections/socket-wire.ts'
import { Conversation, type ReadyEndpoint } from './conversation.ts'
import type { Endpoint } from './endpoint.ts'
import { Heartbeat } from './heartbeat.ts'
import { type LiveSocketLimits, liveSocketLimits } from './limits.ts'
import { Subscriptions } from './subscriptions.ts'
import { chargeUnfinishedMessage } from './unfinished-message.ts'

export interface SocketsParts {
  settings: Settings
  clock: Clock
  stillGood: StillGood
  injection: StreamFaultParts
  memory: MemoryBudget
  log: Logger
}

interface SocketMember {
  connection: Connection
  heartbeat: Heartbeat
  faults: ConnectionFaults
  exchange: Exchange
}

/** All WebSocket clients, over all endpoints. */
export class Sockets {
  readonly #clock: Clock
  readonly #limits: LiveSocketLimits
  readonly #stillGood: StillGood
  readonly #injection: StreamFaultParts
  readonly #flusher: Flusher
  readonly #memory: MemoryBudget
  readonly #log: Logger
  readonly #members = new Set<SocketMember>()
  /** Sockets that are closing. */
  readonly #leaving = new Set<Socket>()
  readonly #stopping = new AbortController()
  #opened = 0

  constructor({ settings, clock, stillGood, injection, memory, log }: SocketsParts) {
    this.#clock = clock
    this.#limits = liveSocketLimits(settings)
    this.#stillGood = stillGood
    this.#injection = injection
    this.#memory = memory
    this.#flusher = new Flusher(clock)
    this.#log = log
    void this.#sweepUntilStopped()
  }

  get size(): number {
    return this.#members.size
  }

  /** Bytes that wait for slow clients. */
  get bufferedBytes(): number {
    return bufferedBytesOf(this.#members)
  }

  /** Admits a handshake. @throws ProblemError */
  admit(exchange: Exchange): void {
    if (this.#stopping.signal.aborted) throw new ProblemError('not_ready', 'the target is stopping')
    const { connections } = this.#limits.current
    if (this.#members.size + this.#leaving.size < connections) return
    exchange.account.sockets.refused()
    throw new ProblemError('too_many_connections', `${connections} WebSockets are open already`, {
      headers: { 'retry-after': '2' },
    })
  }

  /** Takes over a socket after its handshake. */
  join(
    ready: ReadyEndpoint,
    exchange: Exchange,
    webSocket: WebSocket,
    socket: Socket,
    query: Readonly<Record<string, string | undefined>>,
    head: RequestHead,
  ): void {
    this.#opened += 1
    exchange.streamOpened(101)
    const { account, bearer, tenant } = exchange
    const key = exchange.key ?? socketKey(this.#opened)
    const { operation } = ready.endpoint
    const book = account.sockets.open(operation)
    const memory = this.#memory.table('outboxes')
    const faults = new ConnectionFaults(this.#injection, { exchange, head, key, book, memory })
    const connection = new Connection({
      wire: new SocketWire(webSocket, socket),
      clock: this.#clock,
      flusher: this.#flusher,
      budget: () => this.#limits.current.budgetOf(operation),
      memory,
      consumer: book,
      lagged: gap => new SocketFrame(JSON.stringify({ type: 'lagged', ...gap })),
      faults,
      onClosed: () => {
        conversation.end()
        this.#members.delete(member)
        this.#watchLeave(socket)
        exchange.bytesOut = connection.payloadBytes
        exchange.streamEnded()
      },
    })
    const heartbeat = new Heartbeat(webSocket, socket, this.#clock, book, faults)
    const member: SocketMember = { connection, heartbeat, faults, exchange }
    const conversation = new Conversation(ready, {
      webSocket,
      connection,
      clock: this.#clock,
      key,
      tenant,
      bearer,
      query,
      subscriptions: new Subscriptions(() => this.#limits.current.subscriptions, this.#memory.table('subscriptions')),
      jsonDepth: this.#limits.current.jsonDepth,
      onFrame: (bytes, refusal) => {
        exchange.bytesIn += bytes
        book.heard(refusal)
      },
      onFault: error => {
        this.#log.error({ err: error, operation })
        connection.close('fault')
      },
    })
    chargeUnfinishedMessage(webSocket, socket, this.#memory.table('requests'), () => {
      // The client may still send while its connection closes.
      if (connection.isOpen) connection.close('slow_consumer')
      else socket.destroy()
    })
    this.#members.add(member)
    // The library has closed it already, with 1002, 1007 or 1009.
    webSocket.on('error', () => connection.close('protocol'))
    if (faults.on) faults.review()
  }

  /** Ends every connection and all timers. */
  close(reason: CloseReason): void {
    if (reason === 'shutdown') this.#stopping.abort()
    for (const { connection } of this.#members) connection.close(reason)
  }

  /** Stops waiting for closing clients. */
  cut(): void {
    for (const socket of this.#leaving) socket.destroy()
  }

  /** Ends a random share of the connections; returns their number. */
  disconnect(share: number, random: Random): number {
    return disconnectShare(this.#members, share, random)
  }

  #watchLeave(socket: Socket): void {
    if (socket.destroyed) return
    this.#leaving.add(socket)
    socket.once('close', () => this.#leaving.delete(socket))
  }

  async #sweepUntilStopped(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#clock.sleep(this.#limits.current.sweepMs, signal)
      this.#sweep()
    }
  }

  /** One timer drives pings, age budgets and token expiry of all connections. */
  #sweep(): void {
    const now = this.#clock.now()
    const { pingIntervalMs, missedPongs } = this.#limits.current
    for (const { connection, heartbeat, faults, exchange } of this.#members) {
      if (faults.on) faults.review()
      connection.maintain(now)
      const { bearer } = exchange
      if (bearer !== undefined && !this.#stillGood(bearer)) connection.close('token_expired')
      else if (!heartbeat.beat(now, pingIntervalMs, missedPongs)) connection.close('silent')
    }
  }
}

export function readyEndpoint(endpoint: Endpoint): ReadyEndpoint {
  return {
    endpoint,
    checkers: new Map(Object.entries(endpoint.actions).map(([name, schema]) => [name, checker(schema)])),
  }
}
