import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { headers } from '../../contract/headers.ts'
import { parseTraceparent, TRACE_HEADER } from '../../contract/trace.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { RequestHead } from '../exchange/request-head.ts'
import type { FaultsBook } from '../exchange/account.ts'

/** The properties of a request or connection that rules match. */
export interface FaultSubject {
  /**
   * The client's name for it (`X-Loadcell-Exchange`, `Idempotency-Key`, the ids of `traceparent`), or a number for its
   * operation and its ordinal among the arrivals of that operation.
   */
  readonly key: string | number
  /**
   * Ordinal of the attempt under its key, as the client counts. It enters the decisions for requests and connections, but
   * not those for messages.
   */
  readonly attempt?: string | undefined
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly tenant: string
  /** The client of its bearer token, if it has a valid one. The user is an e-mail address. */
  readonly client: string | undefined
  readonly user: string | undefined
  readonly region: string | undefined
  header(name: string): string | undefined
  /** The run's account of injected faults. */
  readonly faults: FaultsBook
}

export type FaultKey = readonly (string | number)[]

/**
 * Returns the key for the decisions about a request or a connection. Compute it once for all rules, because it searches the
 * headers.
 */
export function decidedBy({ key, attempt }: FaultSubject): FaultKey {
  return attempt === undefined ? [key] : [key, attempt]
}

/** Returns the bearer of a request that has not been admitted yet. */
export type Recognize<Head = IncomingMessage> = (exchange: Exchange, request: Head) => Bearer | undefined

/** An exchange as rules see it. Properties that few rules match are looked up on demand. */
export class ExchangeSubject<Head extends RequestHead = IncomingMessage> implements FaultSubject {
  readonly key: string | number
  readonly #exchange: Exchange
  readonly #request: Head
  readonly #recognize: Recognize<Head>

  /** @param arrival key to use if the client sends none */
  constructor(exchange: Exchange, request: Head, arrival: number | string, recognize: Recognize<Head>) {
    this.#exchange = exchange
    this.#request = request
    this.#recognize = recognize
    this.key = exchange.key ?? clientKey(request.headers) ?? arrival
  }

  get attempt(): string | undefined {
    return this.header(headers.attempt)
  }

  get operation(): string {
    return this.#exchange.operation
  }

  get method(): string {
    return this.#request.method ?? ''
  }

  get path(): string {
    return splitUrl(this.#request).path
  }

  get tenant(): string {
    return this.#exchange.tenant
  }

  get client(): string | undefined {
    return this.#bearer?.client
  }

  get user(): string | undefined {
    return this.#bearer?.user?.email
  }

  get region(): string | undefined {
    return regionOf(splitUrl(this.#request).query)
  }

  get faults(): FaultsBook {
    return this.#exchange.account.faults
  }

  header(name: string): string | undefined {
    const { headers: sent } = this.#request
    // Node's header object inherits names such as `constructor`, which were not sent.
    const value = Object.hasOwn(sent, name) ? sent[name] : undefined
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** The admitted bearer, or before admission the one that the token names. */
  get #bearer(): Bearer | undefined {
    return this.#exchange.bearer ?? this.#recognize(this.#exchange, this.#request)
  }
}

/** Returns a key from headers that other clients send: the `Idempotency-Key`, or the ids of the `traceparent`. */
export function clientKey(sent: IncomingHttpHeaders): string | undefined {
  const idempotencyKey = sent[headers.idempotencyKey]
  if (typeof idempotencyKey === 'string' && idempotencyKey !== '') return idempotencyKey
  // Requests of a trace share its id; together with the parent's id it identifies the request.
  const context = parseTraceparent(sent[TRACE_HEADER])
  return context && `${context.trace}-${context.parent}`
}

/** Returns the region that a consumer of streams states in its query. */
export function regionOf(query: string): string | undefined {
  return new URLSearchParams(query).get('region') ?? undefined
}

export function splitUrl({ url = '' }: { url?: string | undefined }): { path: string; query: string } {
  const queryAt = url.indexOf('?')
  return queryAt === -1 ? { path: url, query: '' } : { path: url.slice(0, queryAt), query: url.slice(queryAt + 1) }
}
