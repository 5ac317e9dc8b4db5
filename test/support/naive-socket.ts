import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

export type Received = Record<string, unknown>

/** A client as published scripts have it: it sends one frame, and takes whatever comes next for the answer. */
export class NaiveSocket {
  readonly #webSocket: WebSocket
  readonly #frames: Received[] = []
  #wake = () => {}

  /** Open once this resolves; gone with the test. @throws when the handshake is refused. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<NaiveSocket> {
    const webSocket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
    const socket = new NaiveSocket(webSocket)
    await once(webSocket, 'open')
    onTestFinished(() => webSocket.terminate())
    return socket
  }

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket
    webSocket.on('message', data => {
      this.#frames.push(JSON.parse((data as Buffer).toString()) as Received)
      this.#wake()
    })
  }

  send(frame: object): void {
    this.#webSocket.send(JSON.stringify(frame))
  }

  /** The next frame that was not taken yet. */
  async next(): Promise<Received> {
    while (this.#frames.length === 0) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#frames.shift() as Received
  }

  async ask(frame: object): Promise<Received> {
    this.send(frame)
    return this.next()
  }

  /** Resolves once the closing handshake is done. */
  async close(): Promise<void> {
    this.#webSocket.close()
    await once(this.#webSocket, 'close')
  }
}
