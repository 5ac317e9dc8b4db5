import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { ReadFrame } from './stream-client.ts'

export interface SocketClientOptions {
  headers?: Record<string, string>
  paused?: boolean
  /** Offers permessage-deflate. */
  deflates?: boolean
}

/** A WebSocket whose reading and closing a test controls. Frames are objects with `event_type` or `type`. */
export class SocketClient {
  readonly #webSocket: WebSocket
  readonly #texts: string[] = []
  readonly #frames: ReadFrame[] = []
  #socket: Socket | undefined
  #failed = false
  /** The code it was closed with; undefined while it is open. */
  closeCode: number | undefined

  constructor(
    port: number,
    path: string,
    { headers = {}, paused = false, deflates = false }: SocketClientOptions = {},
  ) {
    this.#webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: deflates })
    this.#webSocket.on('upgrade', ({ socket }: IncomingMessage) => (this.#socket = socket))
    this.#webSocket.on('open', () => {
      if (paused) this.#webSocket.pause()
    })
    this.#webSocket.on('message', data => this.#texts.push((data as Buffer).toString()))
    this.#webSocket.on('error', () => (this.#failed = true))
    this.#webSocket.on('close', code => (this.closeCode = code))
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN
  }

  /** The server closed its side, and all it had sent was read. */
  get ended(): boolean {
    return this.closeCode !== undefined
  }

  get failed(): boolean {
    return this.#failed
  }

  /** Both sides have sent a close frame. */
  get isComplete(): boolean {
    return this.ended && this.closeCode !== 1006
  }

  get body(): string {
    return this.#texts.join('')
  }

  get frames(): readonly ReadFrame[] {
    for (const text of this.#texts.slice(this.#frames.length)) {
      const data = JSON.parse(text) as { event_type?: string; type?: string; cursor?: string }
      this.#frames.push({ type: data.event_type ?? data.type ?? '', id: data.cursor ?? '', data })
    }
    return this.#frames
  }

  /** Frames that carry an event. */
  get events(): ReadFrame[] {
    return this.frames.filter(frame => 'event_id' in frame.data)
  }

  get eventIds(): unknown[] {
    return this.events.map(({ data }) => data['event_id'])
  }

  send(frame: object): void {
    this.#webSocket.send(JSON.stringify(frame))
  }

  resume(): void {
    this.#webSocket.resume()
  }

  /** Sends a close frame, and reads until the server sends its own. */
  halfClose(): void {
    this.#webSocket.close()
  }

  vanish(): void {
    if (this.#socket === undefined) this.#webSocket.terminate()
    else this.#socket.resetAndDestroy()
  }
}
