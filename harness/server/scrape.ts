import type { Clock } from '../../core/clock.ts'
import { failureReasons } from '../metrics/catalog.ts'
import type {
  ConnectionPool,
  EngineExchange,
  EngineRequest,
  ExchangeListener,
  ResponseHead,
  ResponseHeaders,
} from '../client/engine/engine.ts'
import type { ExchangeFailure } from '../client/engine/failure.ts'
import type { Network } from '../client/engine/network.ts'
import { sideEngine } from '../client/engine/engines.ts'
import { canDecompress, StreamDecompressor } from '../client/live/sse/stream-decompressor.ts'
import { codingsOf, mediaTypeOf } from '../client/message/content.ts'
import { MalformedExposition } from './exposition/sample-line.ts'
import type { ExpositionReader } from './exposition/exposition-reader.ts'
import type { ObservedEndpoint } from './observed-endpoint.ts'

/** An endpoint gave no metrics. The message says why, without secrets. */
export class ScrapeError extends Error {
  override readonly name = 'ScrapeError'
}

/** Maximum size of a page of metrics, decompressed. */
const MOST_PAGE_BYTES = 8 * 1024 * 1024
const ACCEPT = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.8,*/*;q=0.1'

/** Reads the metrics of one endpoint, over one connection that stays open. */
export class Scraper {
  readonly #endpoint: ObservedEndpoint
  readonly #clock: Clock
  readonly #network: Network | undefined
  readonly #request: EngineRequest
  #pool: ConnectionPool | undefined

  constructor(endpoint: ObservedEndpoint, clock: Clock, network?: Network) {
    const { authorization } = endpoint.address
    this.#endpoint = endpoint
    this.#clock = clock
    this.#network = network
    this.#request = {
      method: 'GET',
      path: endpoint.path,
      headers: {
        accept: ACCEPT,
        'accept-encoding': 'gzip',
        'user-agent': 'loadcell',
        ...(authorization !== undefined && { authorization }),
      },
      body: null,
    }
  }

  /**
   * Reads the page once, piece by piece as it arrives, so that neither its size nor its end matters to the memory.
   * @throws ScrapeError
   */
  async read(into: ExpositionReader, { withinMs, signal }: { withinMs: number; signal: AbortSignal }): Promise<void> {
    const pool = (this.#pool ??= this.#createPool(withinMs))
    const done = new AbortController()
    const late = this.#clock.sleep(withinMs, AbortSignal.any([done.signal, signal]))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const page = new PageReading(into, error => (error === undefined ? resolve() : reject(error)))
    const exchange = page.request(pool, this.#request)
    void late.then(() => {
      if (done.signal.aborted) return
      const why = signal.aborted ? 'the run was over' : `its metrics were not complete within ${withinMs} ms`
      exchange.abort()
      reject(new ScrapeError(why))
    })
    try {
      await promise
    } finally {
      done.abort()
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy()
  }

  #createPool(withinMs: number): ConnectionPool {
    const engine = sideEngine({ clock: this.#clock, withinMs, network: this.#network })
    return engine.pool(this.#endpoint.address.origin, 1)
  }
}

/** One response, from its head to its end. */
class PageReading implements ExchangeListener {
  readonly #reader: ExpositionReader
  readonly #end: (error?: ScrapeError) => void
  #exchange: EngineExchange | undefined
  #decompressor: StreamDecompressor | undefined
  #bytes = 0
  #isOver = false
  #isResent = false

  constructor(reader: ExpositionReader, end: (error?: ScrapeError) => void) {
    this.#reader = reader
    this.#end = end
  }

  request(pool: ConnectionPool, request: EngineRequest): EngineExchange {
    this.#exchange = pool.send(request, this)
    return this.#exchange
  }

  onSend(): void {}

  onHead(status: number, { headers }: ResponseHead): void {
    const refusal = refusalOf(status, headers)
    if (refusal !== undefined) return this.#fail(refusal)
    const codings = codingsOf(headers['content-encoding'])
    if (codings.length === 0) return
    if (!canDecompress(codings)) return this.#fail(`expected gzip or no compression, got ${codings.join(', ')}`)
    this.#decompressor = new StreamDecompressor(codings, {
      data: chunk => this.#take(chunk),
      pause: () => this.#exchange?.pause(),
      resume: () => this.#exchange?.resume(),
      end: failure => (failure === undefined ? this.#finish() : this.#fail(inWords(failure))),
    })
  }

  onData(chunk: Buffer): void {
    if (this.#decompressor === undefined) this.#take(chunk)
    else this.#decompressor.write(chunk)
  }

  onEnd(): void {
    if (this.#decompressor === undefined) this.#finish()
    else this.#decompressor.finish(undefined)
  }

  onFailure(failure: ExchangeFailure): void {
    // The server closed the idle connection at the moment at which it was used.
    if (this.#exchange?.crossedClose === true && !this.#isResent) {
      this.#isResent = true
      this.#exchange.resend()
    } else this.#fail(inWords(failure))
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return
    this.#bytes += chunk.length
    if (this.#bytes > MOST_PAGE_BYTES)
      return this.#fail(`expected at most ${MOST_PAGE_BYTES} bytes of metrics, got more`)
    this.#read(() => this.#reader.push(chunk))
  }

  #finish(): void {
    if (this.#isOver || !this.#read(() => this.#reader.end())) return
    this.#isOver = true
    this.#end()
  }

  /** @returns false if the page is malformed */
  #read(read: () => void): boolean {
    try {
      read()
      return true
    } catch (error) {
      if (!(error instanceof MalformedExposition)) throw error
      this.#fail(`it is not in the text format of Prometheus: ${error.message}`)
      return false
    }
  }

  #fail(why: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#exchange?.abort()
    this.#end(new ScrapeError(why))
  }
}

/** Returns why a response has no metrics; undefined if it may have some. */
function refusalOf(status: number, headers: ResponseHeaders): string | undefined {
  if (status === 401 || status === 403)
    return `it answered ${status}: put a user name and password that it accepts into the URL`
  if (status >= 300 && status < 400) return `it redirects (${status}): give the address that it redirects to`
  if (status === 404) return 'it answered 404: give the path of the metrics too, which is often /metrics'
  if (status !== 200) return `it answered ${status}`
  const type = mediaTypeOf(headers['content-type'])
  if (['', 'text/plain', 'application/openmetrics-text'].includes(type)) return undefined
  return `expected the text format of Prometheus, got ${type}: give the path of the metrics, which is often /metrics`
}

function inWords({ reason, example }: ExchangeFailure): string {
  return `${failureReasons[reason]} (${example})`
}
