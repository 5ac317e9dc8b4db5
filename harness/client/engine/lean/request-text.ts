import type { EngineRequest } from '../engine.ts'

/** Methods whose requests say that they have no body, because a server may expect one. As undici has it. */
const WITH_PAYLOAD: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/** Characters that would end a line, or that are no octets. */
// oxlint-disable-next-line no-control-regex -- they are what must not be sent
const UNSENDABLE = /[\0\r\n]|[^\0-\xff]/

/** Writes the heads of requests to one origin. What many requests share is written once. */
export class RequestText {
  readonly #host: string
  /** The text behind the path of most requests. */
  readonly #usual: string
  /** Lines of the shared fields, by their identity. */
  readonly #shared = new WeakMap<object, string>()

  #lastPath = ''
  #lastMethod = ''

  constructor({ host }: URL) {
    this.#host = host
    this.#usual = afterPath(host, 'keep-alive')
  }

  /** Tells whether the address and the fields of a request stay what they are when they are written. */
  isSendable({ method, path, headers }: EngineRequest): boolean {
    // Most requests have the address of an earlier one.
    if (path !== this.#lastPath || method !== this.#lastMethod) {
      if (UNSENDABLE.test(path) || UNSENDABLE.test(method)) return false
      this.#lastPath = path
      this.#lastMethod = method
    }
    for (const name in headers) if (UNSENDABLE.test(headers[name]!)) return false
    return true
  }

  /**
   * Returns the head of a sendable request, each character one byte.
   * @param closes whether the connection is for this request only.
   */
  of({ method, path, shared, headers, body }: EngineRequest, closes: boolean): string {
    let host: string | undefined
    let connection = closes ? 'close' : undefined
    let lines = shared === undefined ? '' : (this.#shared.get(shared) ?? this.#learn(shared))
    for (const name in headers) {
      const value = headers[name]!
      if (name === 'host') host = value
      else if (name === 'connection') connection ??= value
      else if (name !== 'content-length') lines += `${name}: ${value}\r\n`
    }
    const bodyBytes = bytesOf(body)
    if (bodyBytes > 0 || WITH_PAYLOAD.has(method)) lines += `content-length: ${bodyBytes}\r\n`
    const isUsual = host === undefined && connection === undefined
    return `${method} ${path}${isUsual ? this.#usual : afterPath(host ?? this.#host, connection ?? 'keep-alive')}${lines}\r\n`
  }

  #learn(shared: Record<string, string>): string {
    const lines = Object.entries(shared)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    this.#shared.set(shared, lines)
    return lines
  }
}

function afterPath(host: string, connection: string): string {
  return ` HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connection}\r\n`
}

/** Returns the length of a body. */
export function bytesOf(body: EngineRequest['body']): number {
  if (body === null) return 0
  return Array.isArray(body) ? body.reduce((sum: number, { length }: Buffer) => sum + length, 0) : body.length
}
