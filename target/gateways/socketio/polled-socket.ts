import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { EngineConnection } from './engine.ts'
import { textsIn } from './texts-in.ts'

/** Bytes that one poll takes at most, beyond which the rest waits for the next. */
const MOST_POLLED_BYTES = 65_536

/**
 * Carries the frames of a session that polls. It is full unless a poll waits: so what counts as delivered is in the answer of a poll, and
 * a client that does not poll is a slow consumer like any other.
 */
export class PollPipe extends Duplex {
  readonly #engine: EngineConnection
  /** The socket after an upgrade, which takes frames as they are. */
  #upgradedTo: Socket | undefined

  static {
    // The types say that it is a property. On the instance, each would get a hidden class, which outlives it until the next full collection.
    Object.defineProperty(this.prototype, 'writableHighWaterMark', {
      get(this: PollPipe) {
        return this.#roomBytes
      },
    })
  }

  constructor(engine: EngineConnection) {
    super({ autoDestroy: false })
    this.#engine = engine
    // After the library, which sends its own packets first.
    engine.transport.on('ready', () => this.emit('drain'))
  }

  /** From here on, the frames go to a WebSocket. */
  upgrade(socket: Socket): void {
    this.#upgradedTo = socket
    this.emit('drain')
  }

  /** Bytes that are taken now. */
  get #roomBytes(): number {
    if (this.#upgradedTo !== undefined) return this.#upgradedTo.writableHighWaterMark
    return this.#engine.transport.writable ? MOST_POLLED_BYTES : 0
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#upgradedTo !== undefined) {
      if (this.#upgradedTo.writable) this.#upgradedTo.write(chunk, () => done())
      return
    }
    // The library adds the type of the packet again.
    const packets = textsIn(chunk).map(text => ({ type: 'message', data: text.slice(1), options: { compress: false } }))
    const { transport } = this.#engine
    if (transport.writable && packets.length > 0) transport.send(packets)
    else for (const { data, options } of packets) this.#engine.send(data, options)
    done()
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done)
  }
}

/** A session that polls, as a WebSocket. */
export class PolledSocket extends EventEmitter {
  readonly OPEN = 1
  readonly extensions = ''
  readonly protocol = ''
  /** Whether its client sends without polling. */
  isPaused = false
  /** The WebSocket after an upgrade. */
  upgraded: WebSocket | undefined
  readonly pipe: PollPipe
  readonly engine: EngineConnection

  constructor(engine: EngineConnection) {
    super()
    this.engine = engine
    this.pipe = new PollPipe(engine)
    engine.once('upgrade', ({ socket }: { socket: WebSocket & { _socket: Socket } }) => {
      this.upgraded = socket
      this.pipe.upgrade(socket._socket)
    })
  }

  get readyState(): number {
    return this.engine.readyState === 'open' ? this.OPEN : 3
  }

  pause(): void {
    this.isPaused = true
    this.upgraded?.pause()
  }

  resume(): void {
    this.isPaused = false
    this.upgraded?.resume()
  }

  /** The library has pings of its own. */
  ping(): void {
    this.emit('pong')
  }

  pong(): void {}

  close(code?: number, reason?: string): void {
    const { upgraded } = this
    if (upgraded !== undefined) return upgraded.close(code, reason)
    // What is waiting goes out with the polls before the end.
    this.pipe.end(() => this.engine.close())
  }
}
