import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { systemClock } from '../../../../core/clock.ts'

/** All streams of a connection together may be ahead of their readers by this much, so that one slow reader stops no other. */
const WINDOW_BYTES = 16 * 1024 * 1024
/** Idle connections are closed after this time. Most servers close them earlier. */
const KEEP_ALIVE_MS = 60_000

/** A connection tells this to the pool that it belongs to. */
export interface SessionOwner {
  /** A stream is over. */
  hasRoom(): void
  /** The server has said how many streams it allows. */
  allows(streams: number): void
  /** It takes no more requests. */
  closing(connection: Http2Connection): void
}

/** One open connection, which carries many requests at once. */
export class Http2Connection {
  /** Number of exchanges that it has completed. */
  served = 0
  /** Whether its socket is gone. */
  isLost = false
  /** Code of the GOAWAY of the server, if one came. */
  goaway: number | undefined
  #streams = 0
  #idleSince = 0
  readonly #session: ClientHttp2Session
  #mostStreams: number
  #isClosing = false

  /** @param mostStreams number of requests that it may carry, until its server says otherwise */
  constructor(origin: string, socket: Socket, mostStreams: number, owner: SessionOwner) {
    this.#mostStreams = mostStreams
    const session = process.getBuiltinModule('node:http2').connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false },
      // All responses together; the memory of bodies is limited elsewhere.
      maxSessionMemory: 1000,
    })
    this.#session = session
    socket.prependListener('close', () => (this.isLost = true))
    session.setLocalWindowSize(WINDOW_BYTES)
    session.on('remoteSettings', ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => {
      owner.allows(maxConcurrentStreams)
    })
    const close = () => {
      if (this.#isClosing) return
      this.#isClosing = true
      owner.closing(this)
    }
    session.on('goaway', code => {
      this.goaway = code
      close()
    })
    // Each of its streams tells of it too.
    session.on('error', close)
    session.on('close', () => {
      this.isLost = true
      close()
    })
  }

  /** Number of requests that it can take now. */
  get room(): number {
    if (this.#isClosing || this.#session.closed || this.#session.destroyed) return 0
    return Math.max(0, this.#mostStreams - this.#streams)
  }

  /** Whether nobody has used it for long. */
  isStale(now: number): boolean {
    return this.#streams === 0 && now - this.#idleSince > KEEP_ALIVE_MS
  }

  /** Limits its streams from now on. */
  limit(mostStreams: number): void {
    this.#mostStreams = mostStreams
  }

  /** Opens a stream; undefined if the connection has just ended. @throws Error for fields that Node refuses on any connection */
  request(fields: OutgoingHttpHeaders, endStream: boolean, owner: SessionOwner): ClientHttp2Stream | undefined {
    let stream: ClientHttp2Stream
    try {
      stream = this.#session.request(fields, { endStream })
    } catch (error) {
      if (this.room === 0) return undefined
      throw error
    }
    this.#streams += 1
    stream.once('close', () => {
      this.#streams -= 1
      this.#idleSince = systemClock.now()
      owner.hasRoom()
    })
    return stream
  }

  /** Closes it once its requests are answered. */
  close(): void {
    this.#isClosing = true
    this.#session.close()
  }

  destroy(): void {
    this.#isClosing = true
    this.#session.destroy()
  }
}
