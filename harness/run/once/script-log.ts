import type {
  ExchangeWatch,
  WatchedConnection,
  WatchedEnding,
  WatchedExchange,
} from '../../client/message/exchange-watch.ts'
import type { ResponseHeaders } from '../../client/engine/engine.ts'
import type { ExchangeFailure } from '../../client/engine/failure.ts'
import { failureReasons, type Tags } from '../../metrics/catalog.ts'
import type { CustomMetric } from '../../metrics/custom-metric.ts'
import type { Failure } from '../../metrics/recorder.ts'
import { formatMs } from '../../report/quantity.ts'
import { type Paint, plain } from '../../report/terminal.ts'
import type { Session } from '../../session/session.ts'
import type { BodyText } from './body-text.ts'
import type { Concealment } from './concealment.ts'
import type { ScriptListener } from './recorder-tap.ts'

// Imported by name, `node:http` would load all that it exports, such as the client for `fetch`.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

export interface ScriptLogOptions {
  write: (line: string) => void
  paint: Paint
  concealment: Concealment
  bodies: BodyText
}

/** Writes everything that a script sends, receives and claims, in order, for its author. */
export class ScriptLog implements ExchangeWatch, ScriptListener {
  readonly #options: ScriptLogOptions

  constructor(options: ScriptLogOptions) {
    this.#options = options
  }

  /** Begins a part of the script. */
  step(name: string): void {
    const { write, paint } = this.#options
    write('')
    write(paint('bold', plain(name)))
  }

  note(text: string): void {
    this.#line(this.#options.paint('yellow', `! ${plain(text)}`))
  }

  answered(exchange: WatchedExchange): void {
    const { method, url, redirects, request, status, headers, body, failure } = exchange
    this.#ask(method, url, redirects === 0 ? '' : ` (redirect ${redirects})`)
    this.#message('>', request?.headers ?? {}, request?.body && Buffer.concat([request.body].flat()))
    this.#status(status, timesOf(exchange))
    if (status > 0) this.#message('<', headers, body && bytesOf(body))
    this.#failure(failure)
  }

  opened(connection: WatchedConnection): void {
    this.#handshake(connection)
  }

  ended(connection: WatchedConnection, { opened, body, reason, code, failure }: WatchedEnding): void {
    if (!opened) {
      this.#handshake(connection)
      if (body !== '') this.#lines('<', this.#options.bodies.line(body, false))
      return this.#failure(failure)
    }
    const who = reason === undefined ? '' : ` by ${reason === 'end' ? 'the client' : `the ${reason}`}`
    const what = reason === 'error' ? 'broke' : `closed${who}`
    const name = connection.transport === 'sse' ? 'stream' : 'socket'
    const after = formatMs(connection.tookMs)
    this.#line(
      this.#options.paint('dim', `· ${name} ${what} after ${after}${code === undefined ? '' : ` with ${code}`}`),
    )
  }

  event(_session: Session, { type, id, data }: { type: string; id: string; data: string }): void {
    this.#lines('<', `event ${type}${id === '' ? '' : ` id ${id}`} ${this.#options.bodies.line(data, false)}`)
  }

  frame(_session: Session, direction: 'sent' | 'received', data: string | Buffer, isBinary: boolean): void {
    this.#lines(direction === 'sent' ? '>' : '<', `frame ${this.#options.bodies.line(data, isBinary)}`)
  }

  cookieRefused(why: string): void {
    this.note(`the cookie ${why}`)
  }

  checked(name: string, held: boolean): void {
    const { paint } = this.#options
    this.#line(`${held ? paint('green', '✓') : paint('red', '✗')} check: ${plain(name)}`)
  }

  recorded({ name, kind, unit, tags: keys }: CustomMetric, tags: Tags, value: number): void {
    const shown = kind === 'rate' ? value === 1 : `${value} ${unit}`
    const own = Object.entries(tags).filter(([key]) => keys.includes(key) || key === 'group')
    const tagged = own.length === 0 ? '' : ` {${own.map(pair => pair.join(':')).join(',')}}`
    const { paint, concealment } = this.#options
    this.#line(paint('dim', plain(concealment.text(`· ${name}${tagged}: ${shown}`))))
  }

  failed({ reason, name, example }: Failure): void {
    const { paint, concealment } = this.#options
    this.#line(paint('red', `✗ ${plain(concealment.text(`${name}: ${failureReasons[reason]}: ${example}`))}`))
  }

  retried(): void {
    this.#line(this.#options.paint('dim', '· the request is sent again'))
  }

  iterated(tookMs: number): void {
    this.#line(this.#options.paint('dim', `· ended after ${formatMs(tookMs)}`))
  }

  interrupted(): void {
    this.#line(this.#options.paint('red', '✗ was interrupted, because it did not end'))
  }

  #handshake({ transport, method, url, requestHeaders, body, status, headers, tookMs }: WatchedConnection): void {
    const shown = transport === 'ws' ? url.replace(/^http/, 'ws') : url
    this.#ask(method, shown, transport === 'ws' ? ' (WebSocket)' : ' (stream)')
    this.#message('>', requestHeaders, body ?? undefined)
    // The head of a handshake that was accepted is not kept.
    this.#status(status, formatMs(tookMs))
    if (Object.keys(headers).length > 0) this.#message('<', headers, undefined)
  }

  #ask(method: string, url: string, kind: string): void {
    const { paint, concealment } = this.#options
    this.#line(paint('bold', `${method} ${plain(concealment.url(url))}`) + kind)
  }

  #status(status: number, times: string): void {
    const { paint } = this.#options
    if (status === 0) return this.#line(`< ${paint('red', 'no response')} after ${times}`)
    const text = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
    this.#line(`< ${paint(status < 400 ? 'green' : 'red', text)} in ${times}`)
  }

  #message(sign: '>' | '<', headers: ResponseHeaders, body: Buffer | null | undefined): void {
    const { paint, concealment, bodies } = this.#options
    for (const [name, given] of Object.entries(headers)) {
      for (const value of [given ?? []].flat()) {
        this.#line(paint('dim', `${sign} ${name}: ${plain(concealment.header(name, value))}`))
      }
    }
    if (body) this.#lines(sign, bodies.of(body, headers))
  }

  #failure(failure: ExchangeFailure | undefined): void {
    if (failure === undefined) return
    const { paint, concealment } = this.#options
    const { reason, example } = failure
    // The response was shown above.
    const why = reason === 'status' || reason === 'rate_limited' ? '' : `: ${plain(concealment.text(example))}`
    this.#line(paint('red', `✗ failed: ${failureReasons[reason]}${why}`))
  }

  /** Writes each line of a text behind a sign. */
  #lines(sign: '>' | '<', text: string): void {
    if (text === '') return
    for (const line of text.split(/\r\n|[\r\n]/)) this.#line(`${sign} ${plain(line)}`)
  }

  #line(text: string): void {
    this.#options.write(`  ${text}`)
  }
}

/** Returns the time of a request, and how it is made up: waiting for a connection, for the response, and for its body. */
function timesOf({ dueAt, sentAt, headAt, endedAt }: WatchedExchange): string {
  const whole = formatMs(endedAt - dueAt)
  if (sentAt === undefined || headAt === undefined) return whole
  const parts = [
    `${formatMs(sentAt - dueAt)} to send`,
    `${formatMs(headAt - sentAt)} to the response`,
    `${formatMs(endedAt - headAt)} for the body`,
  ]
  return `${whole} (${parts.join(', ')})`
}

/** Returns the bytes of a body, or the beginning of one that was too large to keep. */
function bytesOf(body: NonNullable<WatchedExchange['body']>): Buffer {
  try {
    return body.read()
  } catch {
    return body.excerpt()
  }
}
