import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { onTestFinished } from 'vitest'

/** Names of transports: polling only, with an upgrade, or WebSocket only. */
export const transportsOf = {
  polling: ['polling'],
  'polling and an upgrade': ['polling', 'websocket'],
  websocket: ['websocket'],
} as const
export type Transports = keyof typeof transportsOf

/** The library’s own client in a namespace. What it hears is kept. */
export class ForeignSocketio {
  readonly socket: Socket
  readonly heard: unknown[][] = []
  #waiting: (() => void) | undefined

  constructor(url: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.socket = io(url, { forceNew: true, reconnectionDelay: 5, randomizationFactor: 0, ...options })
    this.socket.onAny((...args: unknown[]) => {
      this.heard.push(args)
      this.#waiting?.()
    })
    onTestFinished(() => void this.socket.close())
  }

  /** Resolves once it is connected, and upgraded if it upgrades. @throws Error of CONNECT_ERROR */
  static async enter(
    url: string,
    transports: Transports = 'websocket',
    options: Partial<ManagerOptions & SocketOptions> = {},
  ): Promise<ForeignSocketio> {
    const client = new ForeignSocketio(url, { transports: [...transportsOf[transports]], ...options })
    const { socket } = client
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
    const { engine } = socket.io
    if (transports === 'polling and an upgrade' && engine.transport.name === 'polling') {
      await new Promise<void>(resolve => engine.once('upgrade', () => resolve()))
    }
    return client
  }

  /** Emits an event, and resolves with its acknowledgement. */
  ask(event: string, argument?: object): Promise<Record<string, unknown>> {
    const { socket } = this
    return (argument === undefined ? socket.emitWithAck(event) : socket.emitWithAck(event, argument)) as Promise<
      Record<string, unknown>
    >
  }

  /** Resolves once it has heard this number of events, with their arguments. */
  async events(count: number): Promise<unknown[][]> {
    while (this.heard.length < count) await new Promise<void>(resolve => (this.#waiting = resolve))
    return this.heard
  }

  /** Breaks the connection below the library, and resolves once it is back. */
  async lose(whileAway: () => Promise<unknown> = async () => {}): Promise<void> {
    const gone = new Promise<void>(resolve => this.socket.once('disconnect', () => resolve()))
    const back = new Promise<void>(resolve => this.socket.once('connect', () => resolve()))
    this.socket.io.engine.close()
    await gone
    await whileAway()
    await back
  }
}
