import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A bare client of Engine.IO over a WebSocket that says exactly what a test tells it, right or wrong. */
export class BareEngineSocket {
  readonly webSocket: WebSocket
  /** Code of the end. */
  readonly closed: Promise<number>
  /** Packets that were not taken. */
  readonly packets: string[] = []
  #waiting: (() => void) | undefined
  #isClosed = false

  constructor(url: string, query = '') {
    this.webSocket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket${query}`)
    this.webSocket.on('message', data => {
      this.packets.push((data as Buffer).toString())
      this.#waiting?.()
    })
    this.closed = new Promise(resolve =>
      this.webSocket.once('close', code => {
        this.#isClosed = true
        this.#waiting?.()
        resolve(code)
      }),
    )
    this.webSocket.on('error', () => {})
    onTestFinished(() => this.webSocket.terminate())
  }

  /** Opens a session, and connects to a namespace. */
  static async enter(url: string, namespace = '/chat', token = 'demo-jwt-token-ann'): Promise<BareEngineSocket> {
    const socket = new BareEngineSocket(url)
    await once(socket.webSocket, 'open')
    socket.send(`40${namespace},${JSON.stringify({ token })}`)
    await socket.next(packet => packet.startsWith('40'))
    return socket
  }

  send(packet: string | Buffer): void {
    this.webSocket.send(packet)
  }

  /** Takes the next packet that matches; undefined if the socket closes first. */
  async next(matches: (packet: string) => boolean = packet => /^4[^0]/.test(packet)): Promise<string | undefined> {
    for (;;) {
      const at = this.packets.findIndex(matches)
      if (at !== -1) return this.packets.splice(at, 1)[0]
      if (this.#isClosed) return undefined
      await new Promise<void>(resolve => (this.#waiting = resolve))
    }
  }
}
