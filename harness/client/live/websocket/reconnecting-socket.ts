import { parseDuration } from '../../../../core/duration.ts'
import type { SocketClosing, SocketOptions } from '../../../scenario/sockets.ts'
import { DEFAULT_TIMEOUT_MS } from '../../timing/deadlines.ts'
import type { LiveDependencies } from '../dependencies.ts'
import type { OpeningOptions } from '../opening.ts'
import type { OpeningOutcome } from '../outcome.ts'
import { Reconnector, type ReconnectorOptions } from '../reconnector.ts'
import { judgeSocket } from './socket-end.ts'
import { SocketSession } from './socket-session.ts'

const DEFAULT_RETRY_MS = 1000

export interface ReconnectingSocketListener {
  opened(socket: SocketSession): void
  frame(data: Buffer, isBinary: boolean): void
  pong(data: Buffer): void
  /** Called when data under way on this connection is lost. */
  broken(): void
}

/** Keeps one socket open: opens it, and opens it again when it breaks, until it is finished. */
export class ReconnectingSocket extends Reconnector<SocketSession> {
  /** Closing of the previous connection while there is none. */
  closing: SocketClosing | undefined
  readonly #dependencies: LiveDependencies
  readonly #options: SocketOptions<unknown>
  readonly #listener: ReconnectingSocketListener
  /** Waits for a connection. */
  #next: PromiseWithResolvers<SocketSession | undefined> | undefined
  #over = false

  constructor(
    dependencies: LiveDependencies,
    socket: ReconnectorOptions<SocketOptions<unknown>>,
    listener: ReconnectingSocketListener,
  ) {
    const { session, route, options } = socket
    const { timeout, backoff, onOpen, reconnect = onOpen !== undefined } = options
    super(dependencies, socket, {
      tags: dependencies.tags.ofSocket(session, route),
      reconnect,
      retryMs: backoff === undefined ? DEFAULT_RETRY_MS : parseDuration(backoff),
      timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(timeout),
    })
    this.#dependencies = dependencies
    this.#options = options
    this.#listener = listener
  }

  override async run(): Promise<void> {
    try {
      await super.run()
    } finally {
      this.#over = true
      this.#next?.resolve(undefined)
    }
  }

  /** The connection that is open, now or once it is open again; undefined when there will be none. */
  standing(): SocketSession | Promise<SocketSession | undefined> | undefined {
    if (this.current?.isOpen) return this.current
    if (this.#over || this.isFinished) return undefined
    this.#next ??= Promise.withResolvers()
    return this.#next.promise
  }

  protected async connect(opening: OpeningOptions): Promise<OpeningOutcome> {
    const { protocols = [], compression = false } = this.#options
    const socket = new SocketSession(
      this.#dependencies,
      { ...opening, protocols: [protocols].flat(), compression },
      {
        opened: at => this.#opened(socket, at),
        frame: (data, isBinary) => this.#listener.frame(data, isBinary),
        pong: data => this.#listener.pong(data),
      },
    )
    this.current = socket
    const end = await socket.ended
    this.current = undefined
    this.closing = end.closing
    if (end.closing !== undefined) {
      this.broken()
      this.#listener.broken()
    }
    return judgeSocket(end, this.#dependencies.clock.wallTime())
  }

  #opened(socket: SocketSession, at: number): void {
    this.opened(at)
    this.#listener.opened(socket)
    this.#next?.resolve(socket)
    this.#next = undefined
  }
}
