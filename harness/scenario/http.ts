import type { FailureReason } from '../metrics/catalog.ts'
import type { Duration } from '../../core/duration.ts'

/** Requests never throw: a failed one has `ok: false` and the reason. Paths are joined to the target's URL. */
export interface Http {
  get(path: string, options?: RequestOptions): Promise<HttpResponse>
  post(path: string, options?: RequestOptions): Promise<HttpResponse>
  put(path: string, options?: RequestOptions): Promise<HttpResponse>
  patch(path: string, options?: RequestOptions): Promise<HttpResponse>
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>
  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse>
}

/** Parameters by name. An array repeats its name; undefined is left out. Text is sent as UTF-8, spaces as `+`. */
export type Query = Record<string, QueryValue | QueryValue[] | undefined> | URLSearchParams

export type QueryValue = string | number | boolean

/**
 * Fields by name, or pairs as in `Headers` and `Map`. Values are sent as UTF-8; undefined is left out. A value with a line
 * break or another control character throws.
 */
export type HeadersInput = Record<string, string | number | boolean | string[] | undefined> | Iterable<[string, string]>

export interface RequestOptions {
  /** Appended to the path. */
  query?: Query
  /** Serialised, with `Content-Type: application/json`. */
  json?: unknown
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: Query
  /** Text is sent as UTF-8, bytes as they are, `URLSearchParams` as a form. */
  body?: string | Uint8Array | ArrayBuffer | URLSearchParams | null
  headers?: HeadersInput
  /** `gzip` compresses the body and sets `Content-Encoding`. */
  compression?: 'none' | 'gzip'
  /** Name in reports; default: the path with ids replaced by `{id}`, without the query. */
  name?: string
  /** Statuses that are not a failure; default everything below 400. */
  expect?: number | number[] | ((status: number) => boolean)
  /** Default 60s; the redirects that are followed included. */
  timeout?: Duration
  /**
   * `follow` (default): as `fetch` does, up to 20 times; `manual`: a redirect is the response; `error`: it is a failure. A status
   * that `expect` lists is never followed.
   */
  redirect?: RedirectMode
  /**
   * Bytes of the response's body that are kept until it is read; default 64 MiB. A longer body is counted and not kept, so that
   * `text()` and `json()` throw; 0 keeps none.
   */
  bodyLimitBytes?: number
  /** Sends the request again while the response asks to come back later. Each attempt counts as a request; the last response is returned. */
  retry?: RetryOptions
}

export type RedirectMode = 'follow' | 'manual' | 'error'

/** Defaults of the requests and streams of a scenario. */
export interface HttpDefaults extends Pick<RequestOptions, 'redirect' | 'bodyLimitBytes'> {
  /**
   * Memory for all bodies together: those under way, and those that were received and not read yet, of which the oldest gives
   * way. Default 256 MiB, and at most an eighth of the memory there is.
   */
  bodyMemoryBytes?: number
}

export interface RetryOptions {
  /** Most attempts, the first included. */
  attempts: number
  /**
   * Statuses after which it is sent again; 0 stands for no answer. Default 0, 429, 502, 503 and 504. Without an answer, a
   * POST or PATCH is only sent again when it carries an `Idempotency-Key`.
   */
  statuses?: number[]
  /** The first pause, doubled with each attempt up to 30 s; default 500ms. `Retry-After` is obeyed where it asks for more. */
  backoff?: Duration
  /** Share of the pause that is random, 0…1; default 1. */
  jitter?: number
}

export interface HttpResponse {
  /** True for an expected status. */
  ok: boolean
  /** 0 without a response. */
  status: number
  headers: Record<string, string | string[] | undefined>
  failure?: FailureReason
  bodyBytes: number
  /** Response time, ms: from when it was due. */
  durationMs: number
  /** When it was due, in monotonic ms of the run. */
  dueAt: number
  /** URL of the last request, after all redirects. */
  url: string
  /** Number of redirects that were followed. */
  redirects: number
  /** Returns the body, decompressed and decoded. @throws SyntaxError when that fails, or when the body was too long to be kept. */
  text(): string
  /** @throws SyntaxError when the body is not JSON. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  json<T = unknown>(): T
}
