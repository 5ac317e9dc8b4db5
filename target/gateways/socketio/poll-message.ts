import { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Key of the query of a request, which the library reads there. */
export type PolledQuery = Record<string, string | undefined>

/** Returns the session that a request names. One without characters is none: so the library takes it. */
export function sidIn(query: PolledQuery): string | undefined {
  return query['sid'] || undefined
}

/** A request as the library reads it. Its body has been read within the limits of the target. */
export class PolledRequest extends EventEmitter {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly _query: PolledQuery
  readonly connection: { remoteAddress: string | undefined }
  /** The WebSocket, where it opens one. */
  websocket: unknown
  /** Set by the library. */
  res: unknown
  cleanup: (() => void) | undefined

  constructor(
    { method, url, headers, ip }: Pick<FastifyRequest, 'method' | 'url' | 'headers' | 'ip'>,
    query: PolledQuery,
  ) {
    super()
    this.method = method
    this.url = url
    this.headers = headers
    // Scripts in place of answers (JSONP) are not served.
    const { j: _j, ...kept } = query
    this._query = kept
    this.connection = { remoteAddress: ip }
  }

  get socket(): { remoteAddress: string | undefined } {
    return this.connection
  }

  destroy(): void {}
}

/** A response as the library writes it: passed on to the reply of the target. */
export class PolledResponse extends EventEmitter {
  readonly #reply: FastifyReply
  readonly #onEnd: () => void
  #status = 200
  #headers: Record<string, string | number | string[]> = {}
  headersSent = false
  writableEnded = false

  constructor(reply: FastifyReply, onEnd: () => void) {
    super()
    this.#onEnd = onEnd
    this.#reply = reply
  }

  writeHead(status: number, headers: Record<string, string | number | string[]> = {}): this {
    this.#status = status
    this.#headers = headers
    this.headersSent = true
    return this
  }

  end(body: string | Buffer = ''): this {
    if (this.writableEnded) return this
    this.writableEnded = true
    this.#onEnd()
    this.#reply.code(this.#status)
    for (const [name, value] of Object.entries(this.#headers)) {
      if (name.toLowerCase() !== 'content-length') this.#reply.header(name, value)
    }
    void this.#reply.send(body)
    return this
  }
}
