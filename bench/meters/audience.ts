import { connect, type Socket } from 'node:net'
import { markersIn } from '../wire/event.ts'
import { subscribeAction } from '../wire/message.ts'
import { maskedFrameOf } from '../wire/socket-frame.ts'
import type { Transport } from '../wire/transport.ts'

export interface AudiencePlace {
  url: string
  transport: Transport
  token: string
}

/** Connections that are opened at a time: more would overflow a server's backlog. */
const MOST_PENDING = 128
/** Time within which a server notices that its clients are gone. */
const NOTICES_WITHIN_MS = 50

/**
 * Many subscribers in one process. They parse nothing and only count the markers of events in the bytes that arrive, so that the
 * measurement is of the server.
 */
export class BenchAudience {
  readonly #place: AudiencePlace
  // All sockets share one buffer, because nothing that is read is kept.
  readonly #buffer = Buffer.allocUnsafe(65_536)
  readonly #sockets: Socket[] = []
  #awaited = 0
  #arrivedAt: ((at: number, events: number) => void) | undefined
  #complete: (() => void) | undefined

  constructor(place: AudiencePlace) {
    this.#place = place
  }

  get size(): number {
    return this.#sockets.length
  }

  /** Adds subscribers up to this number. Resolves when each has a good answer. */
  async growTo(size: number): Promise<void> {
    const connectOn = async () => {
      while (this.#sockets.length < size) await this.#subscribe()
    }
    await Promise.all(Array.from({ length: MOST_PENDING }, connectOn))
  }

  /**
   * Resolves when this many events have come, over all subscribers.
   * @param arrived called for each chunk with events.
   */
  async expect(events: number, arrived: (at: number, events: number) => void): Promise<void> {
    this.#awaited = events
    this.#arrivedAt = arrived
    await new Promise<void>(resolve => (this.#complete = resolve))
  }

  /** Resets all connections. A graceful close would leave ports in TIME_WAIT, and the next turn would run out of them. */
  async leave(): Promise<void> {
    const gone = this.#sockets.map(socket => new Promise<void>(resolve => socket.once('close', () => resolve())))
    for (const socket of this.#sockets) socket.resetAndDestroy()
    this.#sockets.length = 0
    await Promise.all(gone)
    await new Promise(resolve => setTimeout(resolve, NOTICES_WITHIN_MS))
  }

  #subscribe(): Promise<void> {
    const { url, transport } = this.#place
    const { hostname, port } = new URL(url)
    const { promise: answered, resolve, reject } = Promise.withResolvers<void>()
    const isSocket = transport.name === 'WebSocket'
    let head: string | undefined = ''
    let confirmed = !isSocket
    const readHead = (text: string) => {
      head = `${head}${text}`
      if (!head.includes('\r\n\r\n')) return
      if (statusOf(head) !== (isSocket ? 101 : 200)) return reject(new Error(`expected ${transport.name}, got ${head}`))
      head = undefined
      if (isSocket) socket.write(maskedFrameOf(subscribeAction))
      else resolve()
    }
    const read = (bytes: number): boolean => {
      if (head !== undefined) readHead(this.#buffer.toString('latin1', 0, bytes))
      else if (confirmed) this.#count(bytes)
      else {
        const text = this.#buffer.toString('latin1', 0, bytes)
        confirmed = text.includes('subscription_confirmed')
        if (confirmed) resolve()
        else reject(new Error(`expected subscription_confirmed, got ${text}`))
      }
      return true
    }
    const socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: { buffer: this.#buffer, callback: read },
    })
    this.#sockets.push(socket)
    socket.on('error', reject)
    socket.write(requestOf(this.#place))
    return answered
  }

  #count(bytes: number): void {
    const events = markersIn(this.#buffer, bytes)
    if (events === 0) return
    this.#arrivedAt?.(performance.now(), events)
    this.#awaited -= events
    if (this.#awaited <= 0) this.#complete?.()
  }
}

/** Returns the request that opens a stream or a WebSocket. */
export function requestOf({ url, transport, token }: AudiencePlace): string {
  const head = `GET ${transport.path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n`
  if (transport.name === 'SSE') return `${head}\r\n`
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  return `${head}${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
}

export function statusOf(head: string): number {
  return Number(head.slice(9, 12))
}
