import type { Clock } from '../../core/clock.ts'
import type { Frame } from './frame.ts'
import type { Encoding, Wire } from './wire.ts'

export interface Flushable {
  flush(): void
}

/**
 * Gathers the connections that were given frames, and flushes them together once the events of this turn of the loop are
 * handled: frames that become due in one turn go out in one write.
 */
export class Flusher {
  readonly #clock: Clock
  #waiting: Flushable[] = []
  #inTurn = false
  #turnAt = 0
  /** What was joined last: in a fan-out the next connection mostly gets the very same frames. */
  #joinedFrames: readonly Frame[] = []
  #joinedEncoding: Encoding | undefined
  #joinedBytes: Buffer = Buffer.alloc(0)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The clock, read once a turn: at a thousand frames a turn the reading would cost more than the queueing. */
  get turnAt(): number {
    if (!this.#inTurn) this.#beginTurn()
    return this.#turnAt
  }

  add(connection: Flushable): void {
    if (!this.#inTurn) this.#beginTurn()
    this.#waiting.push(connection)
  }

  /** Some frames in one piece. One copy and one write: measurably cheaper than cork and writev. */
  join(frames: readonly Frame[], wire: Wire): Buffer {
    const [only] = frames
    if (frames.length === 1 && only !== undefined) return wire.bytesOf(only)
    if (wire.encoding !== this.#joinedEncoding || !areSame(frames, this.#joinedFrames)) {
      this.#joinedEncoding = wire.encoding
      this.#joinedFrames = frames
      this.#joinedBytes = Buffer.concat(frames.map(frame => wire.bytesOf(frame)))
    }
    return this.#joinedBytes
  }

  #beginTurn(): void {
    this.#inTurn = true
    this.#turnAt = this.#clock.now()
    setImmediate(() => this.#run())
  }

  #run(): void {
    const due = this.#waiting
    this.#waiting = []
    for (const connection of due) connection.flush()
    this.#inTurn = false
    // Nothing is kept beyond its turn.
    this.#joinedFrames = []
    this.#joinedEncoding = undefined
    this.#joinedBytes = Buffer.alloc(0)
    // What was added by flushing goes out in a turn of its own.
    if (this.#waiting.length > 0) this.#beginTurn()
  }
}

function areSame(frames: readonly Frame[], others: readonly Frame[]): boolean {
  return frames.length === others.length && frames.every((frame, index) => frame === others[index])
}
