import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { headers } from '../../contract/headers.ts'
import type { Bearer } from '../exchange/bearer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { RequestHead } from '../exchange/request-head.ts'
import type { FaultsBook } from '../exchange/account.ts'

/** The facts that rules match: who requests what, under which key. */
export interface FaultSubject {
  /**
   * The client's name for it (`X-Loadcell-Exchange`, `Idempotency-Key`, the ids of `traceparent`), else a number that
   * stands for its operation and its place among the arrivals of that.
   */
  readonly key: string | number
  /**
   * Ordinal of the attempt under its key, as the client counts. Decisions differ between attempts, but not for their
   * messages.
   */
  readonly attempt?: string | undefined
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly tenant: string
  /** Whom its bearer token names, if it shows a good one: the client, and the user by e-mail address. */
  readonly client: string | undefined
  readonly user: string | undefined
  readonly region: string | undefined
  header(name: string): string | undefined
  /** The run's account of injected faults. */
  readonly faults: FaultsBook
}

export type FaultKey = readonly (string | number)[]

/**
 * The facts that decide about a request or a connection. Compute them once for all rules: that searches the headers.
 */
export function decidedBy({ key, attempt }: FaultSubject): FaultKey {
  return attempt === undefined ? [key] : [key, attempt]
}

/** Tells who asks before anybody was admitted. */
export type Recognize<Head = IncomingMessage> = (exchange: Exchange, request: Head) => Bearer | undefined

/** An exchange as rules see it. What few rules ask for is looked up when one does. */
export class ExchangeSubject<Head extends RequestHead = IncomingMessage> implements FaultSubject {
  readonly key: string | number
  readonly #exchange: Exchange
  readonly #request: Head
  readonly #recognize: Recognize<Head>

  /** @param arrival its key if the client gives it none */
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

/** `00-<trace>-<parent>-<flags>`: all requests of a trace share its id; with the parent's it is the request's own. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16})-/

/** Returns the key of a client that does not know Loadcell: its `Idempotency-Key`, or the ids of its `traceparent`. */
export function clientKey(sent: IncomingHttpHeaders): string | undefined {
  const idempotencyKey = sent[headers.idempotencyKey]
  if (typeof idempotencyKey === 'string' && idempotencyKey !== '') return idempotencyKey
  const traceparent = sent['traceparent']
  return typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined
}

/** Returns the region that a consumer of streams states in its query. */
export function regionOf(query: string): string | undefined {
  return new URLSearchParams(query).get('region') ?? undefined
}

export function splitUrl({ url = '' }: { url?: string | undefined }): { path: string; query: string } {
  const queryAt = url.indexOf('?')
  return queryAt === -1 ? { path: url, query: '' } : { path: url.slice(0, queryAt), query: url.slice(queryAt + 1) }
}
