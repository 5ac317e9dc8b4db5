import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

export type Received = Record<string, unknown>

/** A client like those in published scripts: it sends one frame, and takes the next frame as the answer. */
export class NaiveSocket {
  readonly #webSocket: WebSocket
  readonly #texts: string[] = []
  #wake = () => {}

  /** Resolves once the socket is open. It is closed after the test. @throws when the handshake is refused */
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
      this.#texts.push((data as Buffer).toString())
      this.#wake()
    })
  }

  send(frame: object): void {
    this.#webSocket.send(JSON.stringify(frame))
  }

  /** The next frame that was not read yet. */
  async next(): Promise<Received> {
    return JSON.parse(await this.nextText()) as Received
  }

  /** The text of the next frame that was not read yet. */
  async nextText(): Promise<string> {
    while (this.#texts.length === 0) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#texts.shift() as string
  }

  async ask(frame: object): Promise<Received> {
    this.send(frame)
    return this.next()
  }

  async askText(text: string | Buffer): Promise<string> {
    this.#webSocket.send(text)
    return this.nextText()
  }

  /** Resolves once the closing handshake is done. */
  async close(): Promise<void> {
    this.#webSocket.close()
    await once(this.#webSocket, 'close')
  }
}
