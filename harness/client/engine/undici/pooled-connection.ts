import type { Socket } from 'node:net'
import { type buildConnector, Client, type Dispatcher } from 'undici'
import { HttpExchange } from '../../http/http-exchange.ts'

export type PooledConnectionOptions = Client.Options & { connect: buildConnector.connector }

/** One place in the pool, with one connection at a time. Its exchanges see how much that has carried. */
export class PooledConnection extends Client {
  /** Number of exchanges that this connection has completed. */
  served = 0
  #socket: Socket | undefined

  constructor(origin: URL, { connect, ...options }: PooledConnectionOptions) {
    super(origin, {
      ...options,
      connect: (target, callback) =>
        connect(target, (...result) => {
          this.#socket = result[1] ?? undefined
          this.served = 0
          callback(...result)
        }),
    })
  }

  /** Bytes received on the current connection, or on the last one. */
  get receivedBytes(): number {
    return this.#socket?.bytesRead ?? 0
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof HttpExchange) handler.connection = this
    return super.dispatch(options, handler)
  }
}
