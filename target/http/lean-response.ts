import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock } from '../../core/clock.ts'
import { type Departure, departures } from './departures.ts'

// Not imported, for the same reason as in `connections/http-wire.ts`.
const { ServerResponse: NodeResponse } = process.getBuiltinModule('node:http')

/** Members of Node's response that its types leave out. */
interface Internals {
  _header: string | null
  _headerSent: boolean
  _contentLength: number | null
  _keepAliveTimeout: number
  _defaultKeepAlive: boolean
  _removedConnection: boolean
  _maxRequestsPerSocket?: number
  maxRequestsOnConnectionReached: boolean
  finished: boolean
  _storeHeader(firstLine: string, headers: unknown): void
}

const node = NodeResponse.prototype as ServerResponse & Internals

/** Counts an answer that waits for the others of its turn. */
export interface Waiter {
  now(): number
  /** Called right before the answer is written. */
  headSent(now: number): void
  /** Called right after that. */
  left(now: number, response: ServerResponse): void
}

/**
 * A response that writes the usual head itself: values of ASCII, a length, and a connection that is kept. Any other head is left to Node, which
 * examines every character of every header again for each answer. The bytes on the wire are the same.
 */
export class LeanResponse<Request extends IncomingMessage = IncomingMessage>
  extends NodeResponse<Request>
  implements Departure
{
  /** Whether head and body are ASCII, so that they need no encoding. */
  #isAscii = false
  #waiter: Waiter | undefined
  #readyAt = 0
  #ending: unknown[] | undefined

  static {
    // The types say that it is a property. Between `end` and the departure, nothing else may be sent.
    Object.defineProperty(this.prototype, 'writableEnded', {
      get(this: LeanResponse & Internals) {
        return this.finished || this.#ending !== undefined
      },
    })
  }

  /** Makes `end` wait for the other answers of this turn. Call it right before `end`. */
  waitFor(waiter: Waiter, now: number): void {
    this.#waiter = waiter
    this.#readyAt = now
  }

  /** Called by Node once the status is known. */
  _storeHeader(firstLine: string, headers: unknown): void {
    const own = this as unknown as Internals
    const fields = this.sendDate && keepsConnection(this, own) ? fieldsOf(headers as Headers) : undefined
    if (fields === undefined) return node._storeHeader.call(this, firstLine, headers)
    own._contentLength = Number((headers as Headers)['content-length'])
    own._header = `${firstLine}${fields}Date: ${httpDate()}\r\nConnection: keep-alive\r\n${keepAlive(own)}\r\n`
    own._headerSent = false
    this.#isAscii = true
  }

  override end(...args: unknown[]): this {
    const [body, encoding] = args
    // As many bytes as characters.
    const { _contentLength: bytes } = this as unknown as Internals
    if (this.#isAscii && encoding == null && typeof body === 'string' && body.length === bytes) args[1] = 'latin1'
    if (this.#waiter === undefined) return this.#end(args)
    this.#ending = args
    departures.add(this, this.#readyAt)
    return this
  }

  leave(now: number): number {
    const waiter = this.#waiter!
    const args = this.#ending!
    this.#waiter = undefined
    this.#ending = undefined
    // Its client is gone.
    if (this.destroyed) return now
    waiter.headSent(now)
    this.#end(args)
    const leftAt = waiter.now()
    waiter.left(leftAt, this)
    return leftAt
  }

  #end(args: unknown[]): this {
    return super.end(...(args as [body: unknown, encoding: BufferEncoding, written?: () => void]))
  }
}

type Headers = Readonly<Record<string, unknown>>

function keepsConnection({ shouldKeepAlive }: ServerResponse, own: Internals): boolean {
  return shouldKeepAlive && !own._removedConnection && !own.maxRequestsOnConnectionReached && !own._maxRequestsPerSocket
}

function keepAlive({ _keepAliveTimeout: ms, _defaultKeepAlive: isDefault }: Internals): string {
  return ms && isDefault ? `Keep-Alive: timeout=${Math.floor(ms / 1000)}\r\n` : ''
}

/** Headers that say more than their value. */
const MEANINGFUL = new Set([
  'connection',
  'content-disposition',
  'date',
  'expect',
  'keep-alive',
  'trailer',
  'transfer-encoding',
])
const NAME = /^[a-z][a-z0-9-]*$/
const BEYOND_PRINTABLE = /[^\x20-\x7e]/

/** The line of each header as it was written last, because most answers repeat what the one before said. */
const lines = new Map<string, { value: unknown; line: string }>()
/** Far more names than there are: they come from us, and from rules of faults. */
const MOST_LINES = 200

/** Returns the lines of the headers; undefined if one of them is unusual, or there is no length. */
function fieldsOf(headers: Headers): string | undefined {
  if (headers?.['content-length'] === undefined) return undefined
  let fields = ''
  for (const name in headers) {
    const value = headers[name]
    const known = lines.get(name)
    if (known !== undefined && known.value === value) {
      fields += known.line
      continue
    }
    if ((typeof value !== 'string' && typeof value !== 'number') || BEYOND_PRINTABLE.test(String(value)))
      return undefined
    const line = `${name}: ${value}\r\n`
    if (known !== undefined) {
      known.value = value
      known.line = line
    } else {
      if (MEANINGFUL.has(name) || !NAME.test(name) || lines.size >= MOST_LINES) return undefined
      lines.set(name, { value, line })
    }
    fields += line
  }
  return fields
}

let dateText: string | undefined

/** The time as HTTP writes it, made once a second. */
function httpDate(): string {
  if (dateText === undefined) {
    const now = new Date(systemClock.wallTime())
    dateText = now.toUTCString()
    setTimeout(() => (dateText = undefined), 1000 - now.getMilliseconds()).unref()
  }
  return dateText
}
