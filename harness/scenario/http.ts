import type { HttpVersion } from './http-version.ts'
import type { FailureReason } from '../metrics/catalog.ts'
import type { TagValues } from '../metrics/tag-sets.ts'
import type { Duration } from '../../core/duration.ts'
import type { HtmlPage } from './html.ts'

/** Sends requests to paths below the target's URL. A request that fails does not throw: its response has `ok: false` and the reason. */
export interface Http {
  get(path: string, options?: RequestOptions): Promise<HttpResponse>
  post(path: string, options?: RequestOptions): Promise<HttpResponse>
  put(path: string, options?: RequestOptions): Promise<HttpResponse>
  patch(path: string, options?: RequestOptions): Promise<HttpResponse>
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>
  request(method: string, path: string, options?: RequestOptions): Promise<HttpResponse>
}

/** Parameters by name. An array repeats its name. Undefined is left out. Text is sent as UTF-8, spaces as `+`. */
export type Query = Record<string, QueryValue | QueryValue[] | undefined> | URLSearchParams

export type QueryValue = string | number | boolean

/** Fields of a form by name. An array repeats its name. Undefined is left out. `file('photo.jpg')` is a file. */
export type MultipartFields = Record<string, QueryValue | Blob | (QueryValue | Blob)[] | undefined>

/**
 * Fields by name, or pairs as in `Headers` and `Map`. Values are sent as UTF-8. Undefined is left out. A value with a line break
 * or another control character throws.
 */
export type HeadersInput = Record<string, string | number | boolean | string[] | undefined> | Iterable<[string, string]>

export interface RequestOptions {
  /** Appended to the path. */
  query?: Query
  /** Value that is sent as JSON, with `Content-Type: application/json`. */
  json?: unknown
  /** Parameters that are sent as `application/x-www-form-urlencoded`. */
  form?: Query
  /** Fields of text and files that are sent as `multipart/form-data`. */
  multipart?: MultipartFields
  /**
   * Body of text, sent as UTF-8, of bytes or of a file, of `URLSearchParams`, sent as a form, or of `FormData`, sent as
   * `multipart/form-data`.
   */
  body?: string | Uint8Array | ArrayBuffer | URLSearchParams | FormData | Blob | null
  headers?: HeadersInput
  /** `gzip` compresses the body and sets `Content-Encoding`. */
  compression?: 'none' | 'gzip'
  /** Name in reports; default: the path with ids replaced by `{id}`, without the query. */
  name?: string
  /** Values of tags that the scenario declares in `tags`, for thresholds and reports. `name` stands for the name. */
  tags?: TagValues
  /** Statuses that are not a failure; default: all below 400. */
  expect?: number | number[] | ((status: number) => boolean)
  /** Maximum time until the response is complete, including redirects; default 60s. */
  timeout?: Duration
  /**
   * `follow` (default): as `fetch` does, up to 20 times; `manual`: a redirect is the response; `error`: it is a failure. A status
   * that `expect` lists is never followed.
   */
  redirect?: RedirectMode
  /**
   * Maximum size of a response body that is kept until it is read; default 64 MiB. A longer body is counted but not kept, so that `text()`
   * and `json()` throw. 0 keeps none.
   */
  bodyLimitBytes?: number
  /** Retries the request after certain statuses. Each attempt counts as a request. The last response is returned. */
  retry?: RetryOptions
}

export type RedirectMode = 'follow' | 'manual' | 'error'

/** Defaults of the requests and streams of a scenario. */
export interface HttpDefaults extends Pick<RequestOptions, 'redirect' | 'bodyLimitBytes'> {
  /** Whether each user keeps cookies and sends them back, as a browser does. Default true. */
  cookies?: boolean
  /**
   * Whether requests tell their run and key (`x-loadcell-run`, `x-loadcell-exchange`). Default: only to a target that is one of
   * Loadcell's.
   */
  identify?: boolean
  /**
   * Version of HTTP over TLS. `auto`: HTTP/2 with servers that offer it; `2`: a server without it fails every request; plain `http` is always 1.1.
   * Default 1.1.
   */
  version?: HttpVersion
  /** Maximum number of requests at once on a connection of HTTP/2; default: what the server allows. */
  maxStreamsPerConnection?: number
  /** Value of `User-Agent`. Default: `loadcell/` and its version. */
  userAgent?: string
  /** Content codings that requests and streams ask for. Bodies are decompressed when they are read. Default `['identity']`. */
  acceptEncoding?: ContentCoding[]
  /**
   * Memory for all bodies that are being received or have not been read yet. When it is full, the oldest unread body is dropped.
   * Default: 256 MiB, or an eighth of the memory if that is less.
   */
  bodyMemoryBytes?: number
}

export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd' | 'identity'

export interface RetryOptions {
  /** Maximum number of attempts, including the first. */
  attempts: number
  /**
   * Statuses after which the request is retried; 0 stands for no response. Default 0, 429, 502, 503 and 504. Without a response, a
   * POST or PATCH is only retried if it has an `Idempotency-Key`.
   */
  statuses?: number[]
  /** The first pause, doubled with each attempt up to 30 s; default 500ms. A longer `Retry-After` is obeyed. */
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
  /** Response time in ms, from when the request was due. */
  durationMs: number
  /** When the request was due, in monotonic ms of the run. */
  dueAt: number
  /** URL of the last request, after all redirects. */
  url: string
  /** Number of redirects that were followed. */
  redirects: number
  /** Returns the body, decompressed and decoded. @throws SyntaxError when that fails, or when the body was too long to be kept. */
  text(): string
  /**
   * Returns the body as JSON, or the value at a JSON pointer in it: `json<number>('/items/0/id')`.
   * @throws SyntaxError when the body is not JSON, or has no such value.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  json<T = unknown>(pointer?: string): T
  /** Returns the body as a page of HTML: `html().input('csrf_token')`. */
  html(): HtmlPage
  /** Returns the first match of a pattern in the body. @throws SyntaxError when there is none. */
  match(pattern: RegExp): TextMatch
  /** Returns the value of a header, in any spelling. @throws SyntaxError when it is missing. */
  header(name: string): string
  /** Returns the value of a cookie that this response sets. @throws SyntaxError when it sets none of this name. */
  cookie(name: string): string
  /** Returns the whole URL of the link with this relation, such as `next`, in the `Link` header or the HTML. @throws SyntaxError */
  link(relation: string): string
  /** Returns the whole URLs of all links, by their relation. */
  links(): Record<string, string>
}

/** A match of a pattern. A group that took no part is ''. */
export interface TextMatch {
  text: string
  /** Text of each group of the pattern, in their order, and by name: `/order (?<id>\d+)/`. */
  captures: string[]
  groups: Record<string, string>
}
