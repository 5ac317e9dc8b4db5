import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { ExposedRun } from '../report/exposition/exposed-run.ts'
import { familiesOf } from '../report/exposition/families.ts'
import { type TextFormat, textParts } from '../report/exposition/text.ts'
import { ExportUnavailable, type LiveExport } from './live-export.ts'
import { Slices } from './slices.ts'

export interface PrometheusOptions {
  host: string
  port: number
  clock: Clock
  /** Tells the user something, in a sentence. */
  tell: (note: string) => void
}

/** Scrapers that are served at once. Each may hold one answer in memory. */
const MOST_CONNECTIONS = 16
/** Time that a scraper gets to send its request, and to read its answer. */
const REQUEST_WITHIN_MS = 5000
const ANSWER_WITHIN_MS = 10_000
/** How long the final numbers wait for a scraper that came only once, and at most. */
const LAST_SCRAPE_WITHIN_MS = 15_000
const LAST_SCRAPE_AT_MOST_MS = 65_000
/** A scrape may come later than its interval says. */
const SCRAPE_DELAY = 1.2

const contentTypes: Record<TextFormat, string> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
}

/** Serves the metrics of a run at `/metrics`, for Prometheus and whatever reads its formats. */
export class PrometheusEndpoint implements LiveExport {
  readonly place: string
  readonly #server: Server
  readonly #clock: Clock
  readonly #tell: PrometheusOptions['tell']
  #run: ExposedRun | undefined
  #isFinal = false
  /** Answers for the present state by format: many scrapers cost no more than one. */
  readonly #texts = new Map<TextFormat, Promise<string>>()
  #lastScrapeAt: number | undefined
  /** Longest time between two scrapes. */
  #intervalMs: number | undefined
  readonly #delivered = Promise.withResolvers<void>()

  private constructor(server: Server, { clock, tell }: PrometheusOptions) {
    const { address, family, port } = server.address() as AddressInfo
    this.place = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`
    this.#server = server
    this.#clock = clock
    this.#tell = tell
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response))
  }

  /** @throws ExportUnavailable when the address cannot be listened at. */
  static async open(options: PrometheusOptions): Promise<PrometheusEndpoint> {
    const { host, port } = options
    const server = createServer({ requestTimeout: REQUEST_WITHIN_MS, headersTimeout: REQUEST_WITHIN_MS })
    server.maxConnections = MOST_CONNECTIONS
    server.setTimeout(ANSWER_WITHIN_MS)
    try {
      server.listen({ host, port })
      await once(server, 'listening')
    } catch (error) {
      throw new ExportUnavailable(
        `--export prometheus cannot listen at ${host}:${port}: ${(error as Error).message}`,
        'Give an address of this machine with a free port: --export prometheus=127.0.0.1:9465.',
      )
    }
    server.on('error', () => {})
    server.unref()
    return new PrometheusEndpoint(server, options)
  }

  update(run: ExposedRun): void {
    this.#run = run
    this.#texts.clear()
  }

  /** Serves the final numbers until a scraper that came before has come again. Without a scraper it does not wait. */
  async finish(run: ExposedRun, hurry: AbortSignal): Promise<void> {
    this.update(run)
    this.#isFinal = true
    const waitMs = this.#waitMs()
    if (waitMs > 0 && !hurry.aborted) {
      this.#tell(`Waiting up to ${Math.ceil(waitMs / 1000)} s for the last scrape of ${this.place}. Ctrl-C skips it.`)
      const enough = new AbortController()
      await Promise.race([this.#delivered.promise, this.#clock.sleep(waitMs, AbortSignal.any([enough.signal, hurry]))])
      enough.abort()
    }
    this.close()
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #waitMs(): number {
    if (this.#lastScrapeAt === undefined) return 0
    const expectedMs = this.#intervalMs === undefined ? LAST_SCRAPE_WITHIN_MS : this.#intervalMs * SCRAPE_DELAY + 1000
    const sinceMs = this.#clock.now() - this.#lastScrapeAt
    return Math.max(1000, Math.min(expectedMs - sinceMs, LAST_SCRAPE_AT_MOST_MS))
  }

  async #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = url.split('?')
    if (path !== '/metrics') return refuse(response, 404, 'The metrics are at /metrics.')
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return refuse(response, 405, 'Only GET and HEAD are answered.')
    }
    const format: TextFormat = /\bapplication\/openmetrics-text\b/.test(headers.accept ?? '')
      ? 'openmetrics'
      : 'prometheus'
    const isFinal = this.#isFinal
    const text = await this.#textIn(format)
    response.writeHead(200, { 'content-type': contentTypes[format], 'content-length': Buffer.byteLength(text) })
    response.end(method === 'HEAD' ? undefined : text)
    if (method === 'HEAD') return
    this.#scraped()
    if (isFinal) response.once('close', () => this.#delivered.resolve())
  }

  #scraped(): void {
    const now = this.#clock.now()
    if (this.#lastScrapeAt !== undefined) this.#intervalMs = Math.max(this.#intervalMs ?? 0, now - this.#lastScrapeAt)
    this.#lastScrapeAt = now
  }

  #textIn(format: TextFormat): Promise<string> {
    const known = this.#texts.get(format)
    if (known !== undefined) return known
    const text = this.#written(format)
    this.#texts.set(format, text)
    return text
  }

  async #written(format: TextFormat): Promise<string> {
    const families = this.#run === undefined ? [] : familiesOf(this.#run)
    const slices = new Slices(this.#clock)
    const parts: string[] = []
    for (const part of textParts(families, { format, histograms: true })) {
      parts.push(part)
      await slices.pause()
    }
    return parts.join('')
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`)
}
