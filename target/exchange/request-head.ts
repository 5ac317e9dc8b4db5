import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** The head of a request, which fault rules match. Keeping it takes less memory than keeping the request. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/**
 * The head of the request that opened a connection, for rules that are set while it is open. It is kept as one text of some
 * hundred bytes, because there are many long-lived connections.
 */
export class KeptHead implements RequestHead {
  readonly method: string | undefined
  readonly url: string | undefined
  /** Names and values in alternate lines. No header contains a line break. */
  readonly #lines: string

  constructor({ method, url, rawHeaders }: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>) {
    this.method = method
    this.url = url
    this.#lines = rawHeaders.join('\n')
  }

  /** Reads the header each time, because few rules need it. Repeated headers are joined. */
  get headers(): IncomingHttpHeaders {
    const headers: Record<string, string> = {}
    const lines = this.#lines.split('\n')
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const name = (lines[at] as string).toLowerCase()
      const value = lines[at + 1] as string
      headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
    }
    return headers
  }
}
