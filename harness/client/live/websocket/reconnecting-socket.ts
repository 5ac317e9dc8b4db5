import { headers as headerNames } from '../../../../contract/headers.ts'
import { parseDuration } from '../../../../core/duration.ts'
import type { Random } from '../../../../core/random.ts'
import type { SocketClosing, SocketOptions } from '../../../scenario/sockets.ts'
import { type Session, takeDueAt } from '../../../session/session.ts'
import { DEFAULT_TIMEOUT_MS } from '../../timing/deadlines.ts'
import { encodeHeaders } from '../../message/request-head.ts'
import type { Route } from '../../address/routes.ts'
import type { WsDependencies } from '../dependencies.ts'
import type { Source } from '../inbox.ts'
import { type Attempt, Mending } from '../reconnector.ts'
import { parseSilence } from '../silence.ts'
import type { Verdict } from '../verdict.ts'
import { SocketSession } from './socket-session.ts'
import { judgeSocket } from './verdict.ts'

const DEFAULT_RETRY_MS = 1000

export interface MendedSocketListener {
  opened(socket: SocketSession): void
  frame(data: Buffer, isBinary: boolean): void
  pong(data: Buffer): void
  /** Called when data under way on this connection is lost. */
  broken(): void
}

export interface MendedSocketOptions
  extends Pick<
    SocketOptions<unknown>,
    'headers' | 'timeout' | 'silence' | 'protocols' | 'compression' | 'backoff' | 'jitter'
  > {
  route: Route
  /** Path with its query, which may hold a token. */
  path: string
  /** Without, for errors. */
  address: string
  key: string
  random: Random
  reconnect: boolean
}

/** Keeps one socket open: opens it, and opens it again when it breaks, until it is finished. */
export class MendedSocket implements Source {
  /** Closing of the previous connection while there is none. */
  closing: SocketClosing | undefined
  readonly #parts: WsDependencies
  readonly #session: Session
  readonly #options: MendedSocketOptions
  readonly #listener: MendedSocketListener
  readonly #mending: Mending
  readonly #finished = new AbortController()
  #current: SocketSession | undefined
  /** Waits for a connection. */
  #next: PromiseWithResolvers<SocketSession | undefined> | undefined
  #over = false

  constructor(parts: WsDependencies, session: Session, options: MendedSocketOptions, listener: MendedSocketListener) {
    this.#parts = parts
    this.#session = session
    this.#options = options
    this.#listener = listener
    const { route, address, headers, reconnect, jitter, random, backoff } = options
    this.#mending = new Mending(parts, {
      session,
      route,
      path: address,
      tags: parts.tags.ofSocket(session, route),
      headers,
      reconnect,
      jitter,
      random,
      retryMs: backoff === undefined ? DEFAULT_RETRY_MS : parseDuration(backoff),
      finished: this.#finished.signal,
    })
  }

  /**
   * Returns when the socket is at its end and everything has been received.
   * @throws StreamError when it was refused, or could not be opened and may not be tried again.
   */
  async run(): Promise<void> {
    try {
      await this.#mending.run((...attempt) => this.#open(...attempt))
    } finally {
      this.#over = true
      this.#next?.resolve(undefined)
    }
  }

  /** The connection that is open, now or once it is mended; undefined when there will be none. */
  standing(): SocketSession | Promise<SocketSession | undefined> | undefined {
    if (this.#current?.isOpen) return this.#current
    if (this.#over || this.#finished.signal.aborted) return undefined
    this.#next ??= Promise.withResolvers()
    return this.#next.promise
  }

  /** Ends it gracefully: what the server has sent until it hears of it still arrives. */
  finish(code: number, reason: string): void {
    this.#finished.abort()
    this.#current?.finish(code, reason)
  }

  destroy(): void {
    this.#finished.abort()
    this.#current?.destroy()
  }

  pause(): void {
    this.#current?.pause()
  }

  resume(): void {
    this.#current?.resume()
  }

  async #open(...[authorization, askedAt, ofAttempt]: Parameters<Attempt>): Promise<Verdict> {
    const { route, path, timeout, silence, protocols = [], compression = false } = this.#options
    const socket = new SocketSession(
      this.#parts,
      {
        session: this.#session,
        route,
        path,
        headers: { ...this.#headers(authorization), ...ofAttempt },
        protocols: [protocols].flat(),
        compression,
        dueAt: takeDueAt(this.#session) ?? askedAt,
        handedAt: askedAt,
        timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(timeout),
        silenceMs: parseSilence(silence),
      },
      {
        opened: at => this.#opened(socket, at),
        frame: (data, isBinary) => this.#listener.frame(data, isBinary),
        pong: data => this.#listener.pong(data),
      },
    )
    this.#current = socket
    const end = await socket.ended
    this.#current = undefined
    this.closing = end.closing
    if (end.closing !== undefined) {
      this.#mending.broken()
      this.#listener.broken()
    }
    return judgeSocket(end, this.#parts.clock.wallTime())
  }

  #headers(authorization: string | undefined): Record<string, string> {
    return {
      ...this.#parts.identity,
      ...(authorization === undefined ? {} : { authorization }),
      ...encodeHeaders(this.#options.headers),
      [headerNames.exchange]: this.#options.key,
    }
  }

  #opened(socket: SocketSession, at: number): void {
    this.#mending.opened(at)
    this.#listener.opened(socket)
    this.#next?.resolve(socket)
    this.#next = undefined
  }
}
