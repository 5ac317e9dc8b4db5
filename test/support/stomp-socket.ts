import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { StompFrame } from '../../contract/stomp/frame.ts'
import { FrameReader } from '../../contract/stomp/frame-reader.ts'
import { writeFrame } from '../../contract/stomp/write-frame.ts'
import type { StompVersion } from '../../contract/stomp/version.ts'

/** A bare client of STOMP that says exactly what a test tells it, right or wrong. */
export class StompSocket {
  readonly webSocket: WebSocket
  /** Code and reason of the end. */
  readonly closed: Promise<{ code: number; reason: string }>
  version: StompVersion
  /** Frames that were not taken. */
  readonly frames: StompFrame[] = []
  /** Number of heart-beats that came. */
  beats = 0
  #waiting: (() => void) | undefined
  #isClosed = false

  constructor(webSocket: WebSocket, version: StompVersion) {
    this.webSocket = webSocket
    this.version = version
    const reader = new FrameReader({ headers: 1000, headBytes: 1e6, bodyBytes: 1e8 }, version)
    webSocket.on('message', data => {
      if ((data as Buffer).toString() === '\n') this.beats += 1
      this.frames.push(...reader.read(data as Buffer))
      this.#waiting?.()
    })
    this.closed = once(webSocket, 'close').then(([code, reason]) => {
      this.#isClosed = true
      this.#waiting?.()
      return { code: code as number, reason: String(reason as Buffer) }
    })
  }

  static async open(
    url: string,
    { version = '1.2', protocols = ['v12.stomp'] }: { version?: StompVersion; protocols?: string[] } = {},
  ): Promise<StompSocket> {
    const webSocket = new WebSocket(`${url.replace(/^http/, 'ws')}/stomp`, protocols)
    const socket = new StompSocket(webSocket, version)
    onTestFinished(() => webSocket.terminate())
    await once(webSocket, 'open')
    return socket
  }

  /** Opens a connection and introduces itself. */
  static async enter(url: string, token?: string, version: StompVersion = '1.2'): Promise<StompSocket> {
    const socket = await StompSocket.open(url, { version })
    socket.send('CONNECT', {
      'accept-version': version,
      host: 'test',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    })
    const frame = await socket.next()
    if (frame?.command !== 'CONNECTED') throw new Error(`expected CONNECTED, got ${frame?.command}: ${frame?.body}`)
    return socket
  }

  send(command: string, headers: Record<string, string | number | undefined> = {}, body?: string): void {
    this.webSocket.send(writeFrame(command, headers, this.version, body))
  }

  raw(data: string | Buffer): void {
    this.webSocket.send(data)
  }

  /** Sends a frame and resolves with its RECEIPT, or ERROR. */
  async ask(command: string, headers: Record<string, string> = {}, body?: string): Promise<StompFrame> {
    this.send(command, { ...headers, receipt: 'asked' }, body)
    const answer = await this.next(frame => frame.headers['receipt-id'] === 'asked' || frame.command === 'ERROR')
    if (answer === undefined) throw new Error(`the connection was closed before an answer to ${command}`)
    return answer
  }

  /** Resolves with the next frame that matches; undefined once the connection is closed. */
  async next(wants: (frame: StompFrame) => boolean = () => true): Promise<StompFrame | undefined> {
    for (;;) {
      const at = this.frames.findIndex(wants)
      if (at !== -1) return this.frames.splice(at, 1)[0]
      if (this.#isClosed) return undefined
      await new Promise<void>(resolve => (this.#waiting = resolve))
    }
  }

  message(): Promise<StompFrame | undefined> {
    return this.next(({ command }) => command === 'MESSAGE')
  }
}
