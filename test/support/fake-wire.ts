import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { chunked } from '../../target/connections/http-wire.ts'
import type { Wire } from '../../target/connections/wire.ts'

/** A socket that accepts writes until the test stops it. */
class FakeSocket extends EventEmitter {
  readonly writableHighWaterMark: number
  writableLength = 0
  destroyed = false
  takes = true
  readonly #onTaken: (() => void)[] = []
  readonly #onWrite: (text: string) => void

  constructor(highWaterMark: number, onWrite: (text: string) => void) {
    super()
    this.writableHighWaterMark = highWaterMark
    this.#onWrite = onWrite
  }

  write(bytes: Buffer | string, onTaken?: (() => void) | 'latin1'): void {
    if (typeof onTaken === 'function') this.#onTaken.push(onTaken)
    this.writableLength += bytes.length
    this.#onWrite(bytes.toString())
    if (this.takes) this.take()
  }

  /** Sends everything it holds to the client. */
  take(): void {
    const wasFull = this.writableLength >= this.writableHighWaterMark
    this.writableLength = 0
    for (const onTaken of this.#onTaken.splice(0)) setImmediate(onTaken)
    if (wasFull) setImmediate(() => this.emit('drain'))
  }

  destroy(): void {
    this.destroyed = true
  }
}

/** A wire without a network. */
export class FakeWire implements Wire {
  isOpen = true
  readonly encoding = chunked
  readonly #socket: FakeSocket

  /** `onWrite` receives everything that is written to its socket. */
  constructor(highWaterMark: number, onWrite: (text: string) => void) {
    this.#socket = new FakeSocket(highWaterMark, onWrite)
  }

  get socket(): Socket {
    return this.#socket as unknown as Socket
  }

  end(): void {}

  /** Begins to close, as when a client sends a close frame. */
  leave(): void {
    this.isOpen = false
  }

  stall(): void {
    this.#socket.takes = false
  }

  drain(): void {
    this.#socket.takes = true
    this.#socket.take()
  }

  vanish(): void {
    this.#socket.destroyed = true
    this.#socket.emit('close')
  }
}
