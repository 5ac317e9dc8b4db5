import type { FailureReason } from '../../metrics/catalog.ts'
import type { HtmlPage } from '../../scenario/html.ts'
import type { HttpResponse, TextMatch } from '../../scenario/http.ts'
import { NO_HEAD, type ResponseHead, type ResponseHeaders } from '../engine/engine.ts'
import { textOf, decompressed } from './content.ts'
import { cookieOf, headerOf, matchIn, valueAt } from './extraction.ts'
import { HtmlDocument } from './html-document.ts'
import { linkOf, linksIn } from './links.ts'
import { DEFAULT_BODY_LIMIT_BYTES, type ReceivedBody } from './received-body.ts'
import { UnreadableBody } from './unreadable-body.ts'

export interface ResponseOptions {
  status: number
  head: ResponseHead
  /** Undefined without a response. */
  body: ReceivedBody | undefined
  /** Limit of the body once it is decompressed. */
  bodyLimitBytes?: number | undefined
  durationMs: number
  dueAt: number
  url: string
  redirects: number
  failure?: FailureReason | undefined
}

/** A response, or the lack of one. The body is decompressed and decoded on demand. */
export class Response implements HttpResponse {
  readonly ok: boolean
  readonly status: number
  readonly failure?: FailureReason
  readonly bodyBytes: number
  readonly durationMs: number
  readonly dueAt: number
  readonly url: string
  readonly redirects: number
  readonly #head: ResponseHead
  readonly #limitBytes: number
  /** Undefined once it was read. */
  #body: ReceivedBody | undefined
  #text: string | undefined
  #json: unknown

  constructor(options: ResponseOptions) {
    this.ok = options.failure === undefined
    this.status = options.status
    this.#head = options.head
    if (options.failure !== undefined) this.failure = options.failure
    this.bodyBytes = options.body?.receivedBytes ?? 0
    this.durationMs = options.durationMs
    this.dueAt = options.dueAt
    this.url = options.url
    this.redirects = options.redirects
    this.#body = options.body
    this.#limitBytes = options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES
  }

  get headers(): ResponseHeaders {
    return this.#head.headers
  }

  text(): string {
    this.#text ??= this.#read()
    return this.#text
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the scenario says what it expects
  json<T = unknown>(pointer?: string): T {
    try {
      this.#json ??= JSON.parse(this.text()) as unknown
    } catch (error) {
      if (error instanceof UnreadableBody) throw error
      throw new UnreadableBody(`the response of status ${this.status} is not JSON: ${(error as Error).message}`)
    }
    return (pointer === undefined ? this.#json : valueAt(this, this.#json, pointer)) as T
  }

  html(): HtmlPage {
    return new HtmlDocument(this)
  }

  match(pattern: RegExp): TextMatch {
    return matchIn(this, this.text(), pattern)
  }

  header(name: string): string {
    return headerOf(this, name)
  }

  cookie(name: string): string {
    return cookieOf(this, name)
  }

  link(relation: string): string {
    return linkOf(this, relation)
  }

  links(): Record<string, string> {
    return linksIn(this)
  }

  #read(): string {
    if (this.#body === undefined) return ''
    try {
      const text = textOf(decompressed(this.#body.read(), this.headers, this.#limitBytes), this.headers)
      this.#body = undefined
      return text
    } catch (error) {
      throw new UnreadableBody(
        `the body of the response of status ${this.status} (${this.bodyBytes} bytes) cannot be read: ${(error as Error).message}`,
      )
    }
  }
}

/** Returns a response for a request that received none. */
export function unanswered(
  { reason }: { reason: FailureReason },
  url: string,
  { dueAt, endedAt, redirects }: { dueAt: number; endedAt: number; redirects: number },
): HttpResponse {
  const durationMs = endedAt - dueAt
  return new Response({ status: 0, head: NO_HEAD, body: undefined, durationMs, dueAt, url, redirects, failure: reason })
}

/** Returns the body as an object; undefined if it is not one, for example because it was cut off. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it may hold
export function objectOf<T>(response: HttpResponse): Partial<T> | undefined {
  try {
    const value = response.json<Partial<T> | null>()
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const EXCERPT_LIMIT_BYTES = 64 * 1024

/** Returns the beginning of a body for errors; '' if it cannot be read. */
export function excerptOf(body: ReceivedBody, headers: ResponseHeaders): string {
  try {
    return textOf(decompressed(body.excerpt(), headers, EXCERPT_LIMIT_BYTES), headers)
  } catch {
    return ''
  }
}
