import { EventEmitter } from 'node:events'
import { control, type AnswerAbout, type ControlAbout, pong, acknowledgement } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import type { Peer } from '../../sockets/endpoint.ts'

/** A WebSocket as the library sees it: what it sends goes through the connection of the target. */
export class EngineSocket extends EventEmitter {
  readonly #peer: Peer
  /** Messages that came before the library listened. */
  #early: (string | Buffer)[] | undefined = []

  constructor(peer: Peer) {
    super()
    this.#peer = peer
  }

  /** Called by the library. */
  send(data: string | Buffer, onSent?: (error?: Error) => void): void {
    const { connection } = this.#peer
    if (typeof data === 'string' && !(connection.isMuted && data === '2')) {
      connection.enqueue(new SocketFrame(data, aboutOf(data)))
    }
    if (onSent !== undefined) queueMicrotask(() => onSent())
  }

  /** Called by the library, which then closes its session. */
  close(): void {}

  /** Passes a message of the client to the library. */
  receive(bytes: Buffer, isBinary: boolean): void {
    if (this.#early === undefined) this.emit('message', bytes, isBinary)
    else this.#early.push(isBinary ? bytes : bytes.toString())
  }

  /** Called once the library listens. */
  start(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const each of early) this.emit('message', each, typeof each !== 'string')
  }
}

/** Pings may be left out; other packets may not. */
function aboutOf(data: string): AnswerAbout | ControlAbout {
  if (data === '2') return control
  return data.startsWith('3') ? pong : acknowledgement()
}
