import type { Clock } from '../../core/clock.ts'
import { Batch } from './batch.ts'
import type { Frame } from './frame.ts'

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
  /** The batch begun last: in a fan-out the next connection usually gets the same frames. */
  #batch: Batch | undefined

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

  /** A batch that begins with this frame. Nothing is kept beyond its turn. */
  begin(frame: Frame): Batch {
    if (!this.#inTurn) this.#beginTurn()
    if (this.#batch?.endsWith(frame) !== true) this.#batch = new Batch(frame)
    return this.#batch
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
    this.#batch = undefined
    // What was added by flushing goes out in a turn of its own.
    if (this.#waiting.length > 0) this.#beginTurn()
  }
}
