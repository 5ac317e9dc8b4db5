import type { Socket } from 'node:net'
import type { buildConnector, Client, Dispatcher } from 'undici'
import type { EngineExchange, ExchangeListener, ResponseHeaders } from '../engine.ts'
import { failureBeforeHead, failureOf } from '../failure.ts'
import { undici } from './library.ts'

export type UndiciConnectionOptions = Client.Options & { connect: buildConnector.connector }

/** One slot of a pool, with one connection at a time. It tells its exchanges how much the connection has carried. */
export interface UndiciConnection extends Client {
  /** Number of exchanges that the current connection has completed. */
  served: number
  readonly socket: Socket | undefined
  /** Bytes received on the current connection, or on the last one. */
  readonly receivedBytes: number
}

let UndiciConnection: ReturnType<typeof connectionClass> | undefined

export function undiciConnection(origin: URL | string, options: UndiciConnectionOptions): UndiciConnection {
  return new (UndiciConnection ??= connectionClass())(origin, options)
}

function connectionClass() {
  return class extends undici().Client implements UndiciConnection {
    served = 0
    socket: Socket | undefined

    constructor(origin: URL | string, { connect, ...options }: UndiciConnectionOptions) {
      super(origin, {
        ...options,
        connect: (target, callback) =>
          connect(target, (...result) => {
            this.socket = result[1] ?? undefined
            this.served = 0
            callback(...result)
          }),
      })
    }

    get receivedBytes(): number {
      return this.socket?.bytesRead ?? 0
    }

    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      if (handler instanceof UndiciExchange) handler.connection = this
      return super.dispatch(options, handler)
    }
  }
}

/** One request that undici sends. */
export class UndiciExchange implements Dispatcher.DispatchHandler, EngineExchange {
  /** Set by the connection that takes the request. */
  connection: UndiciConnection | undefined
  crossedClose = false
  readonly #request: Dispatcher.DispatchOptions
  readonly #listener: ExchangeListener
  readonly #isAlone: boolean
  /** Undefined until a connection has taken the request. */
  #controller: Dispatcher.DispatchController | undefined
  #receivedBefore = 0
  #headCame = false
  #aborted = false

  /** @param isAlone whether the connection is its own, and ends with it. */
  constructor(request: Dispatcher.DispatchOptions, listener: ExchangeListener, isAlone = false) {
    this.#request = request
    this.#listener = listener
    this.#isAlone = isAlone
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#controller?.abort(new Error('given up'))
    this.#release()
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  finishSending(): void {
    this.connection?.socket?.end()
  }

  resend(): void {
    this.#controller = undefined
    // The same slot of the pool opens a new connection, which no other request can take.
    this.connection!.dispatch(this.#request, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It was abandoned while it waited for a connection, so undici must not write anything.
    if (this.#aborted) return controller.abort(new Error('given up before it was sent'))
    this.#controller = controller
    this.#receivedBefore = this.connection?.receivedBytes ?? 0
    this.#listener.onSend()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200 || this.#aborted) return
    this.#headCame = true
    this.#listener.onHead(status, { headers, setsCookies: headers['set-cookie'] !== undefined })
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#aborted) this.#listener.onData(chunk)
  }

  onResponseEnd(): void {
    if (this.connection !== undefined) this.connection.served += 1
    if (!this.#aborted) this.#listener.onEnd()
    this.#release()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#aborted) {
      const failure = this.#headCame ? failureOf(error) : failureBeforeHead(error)
      const { reason } = failure
      this.crossedClose = (reason === 'closed' || reason === 'reset') && this.#metUsedConnection()
      this.#listener.onFailure(failure)
    }
    this.#release()
  }

  #release(): void {
    if (this.#isAlone) this.connection?.destroy().catch(() => {})
  }

  /** Tells whether the connection had served before, and has sent nothing since it took this request. */
  #metUsedConnection(): boolean {
    if (this.#controller === undefined || this.connection === undefined) return false
    return this.connection.served > 0 && this.connection.receivedBytes === this.#receivedBefore
  }
}
