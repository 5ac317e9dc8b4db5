import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { closePacket, packetSeparator, pongPacket, readPacket } from '../../../contract/socketio/packet.ts'
import type { CarriedSocket } from '../../delivery/event-frames.ts'
import type { Http, HttpResponse, RequestOptions } from '../../scenario/http.ts'
import { encodeHeaders } from '../message/request-head.ts'

export interface PolledWebSocketOptions {
  http: Http
  /** Path or URL with the query, without a session. */
  url: string
  headers: RequestOptions['headers']
  name: string | undefined
  tags: RequestOptions['tags']
}

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const
const NORMAL = 1000
const ABNORMAL = 1006

/** A session of Engine.IO over requests, as a WebSocket: one poll is always under way, and what is sent is posted together. */
export class PolledWebSocket extends EventEmitter implements CarriedSocket {
  readyState: number = CONNECTING
  bufferedAmount = 0
  readonly #options: PolledWebSocketOptions
  #sid = ''
  #waiting: string[] = []
  #isPosting = false
  /** Resolves once the server knows that the client leaves. */
  readonly #closing = Promise.withResolvers<void>()
  /** Resolves when polls may go on. */
  #resumed: PromiseWithResolvers<void> | undefined

  constructor(options: PolledWebSocketOptions) {
    super()
    this.#options = options
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

  terminate(): void {
    this.#end(ABNORMAL)
  }

  async #open(): Promise<void> {
    const response = await this.#request('get', this.#options.url)
    const text = response.text()
    const sid = response.status === 200 ? sidIn(text) : undefined
    if (sid === undefined) return this.#refused(response)
    this.#sid = sid
    this.readyState = OPEN
    this.emit('upgrade', { statusCode: 200, headers: {}, socket: undefined })
    this.emit('open')
    this.#receive(text)
    await this.#poll()
  }

  async #poll(): Promise<void> {
    while (this.readyState === OPEN) {
      await this.#resumed?.promise
      const response = await this.#request('get', this.#sessionUrl)
      if (response.status === 200) this.#receive(response.text())
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
      const { status } = await this.#request('post', this.#sessionUrl, packets.join(packetSeparator))
      if (packets.includes(closePacket)) this.#closing.resolve()
      else if (status !== 200) this.#end(ABNORMAL)
    }
    this.#isPosting = false
  }

  #request(method: 'get' | 'post', url: string, body?: string): Promise<HttpResponse> {
    const { http, headers, name, tags } = this.#options
    return http[method](url, {
      headers: { ...encodeHeaders(headers), ...(body !== undefined && { 'content-type': 'text/plain;charset=UTF-8' }) },
      timeout: '120s',
      // A request may reach a session that has just ended, which the connection then counts.
      expect: [200, 400],
      ...(body !== undefined && { body }),
      ...(name !== undefined && { name }),
      ...(tags !== undefined && { tags }),
    })
  }

  get #sessionUrl(): string {
    return `${this.#options.url}&sid=${encodeURIComponent(this.#sid)}`
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

  #end(code: number): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSED
    this.#resumed?.resolve()
    this.#closing.resolve()
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
