import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { closePacket, packetSeparator, pongPacket, readPacket } from '../../../contract/socketio/packet.ts'
import type { CarriedSocket } from '../../delivery/event-frames.ts'
import type { HttpResponse } from '../../scenario/http.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { PolledRequests } from './polled-requests.ts'

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const
const NORMAL = 1000
const ABNORMAL = 1006
const sessionEnded: ExchangeFailure = { reason: 'closed', example: 'the session ended before this was answered' }

/** A session of Engine.IO over requests, as a WebSocket: one poll is always under way, and what is sent is posted together. */
export class PolledWebSocket extends EventEmitter implements CarriedSocket {
  readyState: number = CONNECTING
  bufferedAmount = 0
  readonly #url: string
  readonly #requests: PolledRequests
  #sid = ''
  #waiting: string[] = []
  #isPosting = false
  /** Resolves once the server knows that the client leaves. */
  readonly #closing = Promise.withResolvers<void>()
  /** Resolves when polls may go on. */
  #resumed: PromiseWithResolvers<void> | undefined

  /** @param url path or URL with the query, without a session */
  constructor(url: string, requests: PolledRequests) {
    super()
    this.#url = url
    this.#requests = requests
    queueMicrotask(() => void this.#open())
  }

  send(data: string | Buffer, onSent?: (error?: Error) => void): void {
    this.#waiting.push(String(data))
    if (!this.#isPosting) void this.#post()
    onSent?.()
  }

  /** The server has pings of its own. */
  ping(): void {}

  pause(): void {
    this.#resumed ??= Promise.withResolvers()
  }

  resume(): void {
    this.#resumed?.resolve()
    this.#resumed = undefined
  }

  close(): void {
    if (this.readyState !== OPEN) return
    this.readyState = CLOSING
    this.send(closePacket)
  }

  terminate(failure?: ExchangeFailure): void {
    this.#end(ABNORMAL, failure)
  }

  /** Whether it has ended, also while something was awaited. */
  get #isOver(): boolean {
    return this.readyState === CLOSED
  }

  async #open(): Promise<void> {
    if (this.#isOver) return
    const { response, sid } = await this.#requests.open(this.#url, sidIn)
    if (sid === undefined) return this.#refused(response)
    if (this.#isOver) return
    this.#sid = sid
    this.readyState = OPEN
    this.emit('upgrade', { statusCode: 200, headers: {}, socket: undefined })
    this.emit('open')
    this.#receive(response.text())
    await this.#poll()
  }

  async #poll(): Promise<void> {
    while (this.readyState === OPEN) {
      await this.#resumed?.promise
      const response = await this.#requests.send('GET', this.#sessionUrl)
      // A poll is answered when there is something to say.
      if (response.status === 200 && response.text() !== '') this.#receive(response.text())
      else if (this.readyState === OPEN) return this.#end(ABNORMAL)
    }
    await this.#closing.promise
    this.#end(NORMAL)
  }

  async #post(): Promise<void> {
    this.#isPosting = true
    // What is sent in one turn is posted together.
    await Promise.resolve()
    while (this.#waiting.length > 0 && this.readyState !== CLOSED) {
      const packets = this.#waiting
      this.#waiting = []
      const { status } = await this.#requests.send('POST', this.#sessionUrl, packets.join(packetSeparator))
      if (packets.includes(closePacket)) this.#closing.resolve()
      else if (status !== 200) this.#end(ABNORMAL)
    }
    this.#isPosting = false
  }

  get #sessionUrl(): string {
    return `${this.#url}&sid=${encodeURIComponent(this.#sid)}`
  }

  #receive(payload: string): void {
    for (const packet of payload.split(packetSeparator)) {
      if (this.readyState === CLOSED || packet === '') return
      // Engine.IO’s own packets do not count as messages.
      if (packet === '2') this.send(pongPacket)
      else if (packet === closePacket) this.#end(NORMAL)
      else if (packet !== '6') this.emit('message', Buffer.from(packet), false)
    }
  }

  #refused(response: HttpResponse): void {
    if (response.status === 0) return this.#end(ABNORMAL)
    const refusal = Object.assign(Readable.from([Buffer.from(response.text())]), {
      statusCode: response.status,
      headers: {},
    })
    this.emit('unexpected-response', undefined, refusal)
  }

  #end(code: number, failure: ExchangeFailure = sessionEnded): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSED
    this.#resumed?.resolve()
    this.#closing.resolve()
    if (code === ABNORMAL) this.#requests.cut(failure)
    this.emit('close', code, Buffer.alloc(0))
  }
}

/** Returns the id of the session that a payload opens; undefined if it opens none. */
function sidIn(payload: string): string | undefined {
  try {
    const packet = readPacket(payload.split(packetSeparator)[0] as string)
    return packet?.type === 'open' && typeof packet.sid === 'string' ? packet.sid : undefined
  } catch {
    // Any server may answer.
    return undefined
  }
}
