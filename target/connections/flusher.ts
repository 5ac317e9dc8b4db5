import type { Clock } from '../../core/clock.ts'
import type { Audience } from './audience.ts'
import { Batch } from './batch.ts'
import type { Frame } from './frame.ts'

/**
 * Collects the connections and audiences that were given frames, and flushes them at the end of this turn of the event loop: frames that
 * become due in one turn go out in one write.
 */
export class Flusher {
  readonly #clock: Clock
  #waiting: { flush(): void }[] = []
  #audiences: Audience[] = []
  #inTurn = false
  #turnAt = 0
  /** The batch begun last: in a fan-out the next connection usually gets the same frames. */
  #batch: Batch | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The time of this turn. Reading the clock for each of a thousand frames would cost more than queueing them. */
  get turnAt(): number {
    if (!this.#inTurn) this.#beginTurn()
    return this.#turnAt
  }

  add(connection: { flush(): void }): void {
    if (!this.#inTurn) this.#beginTurn()
    this.#waiting.push(connection)
  }

  /** Returns a batch that begins with this frame. Batches are shared only within a turn. */
  begin(frame: Frame): Batch {
    if (!this.#inTurn) this.#beginTurn()
    if (this.#batch?.endsWith(frame) !== true) this.#batch = new Batch(frame)
    return this.#batch
  }

  /** Returns the batch that begins with this frame, and flushes the audience at the end of the turn. */
  beginFor(audience: Audience, frame: Frame): Batch {
    const batch = this.begin(frame)
    this.#audiences.push(audience)
    return batch
  }

  #beginTurn(): void {
    this.#inTurn = true
    this.#turnAt = this.#clock.now()
    setImmediate(() => this.#run())
  }

  #run(): void {
    // First, because a connection whose frames are written may then sit down in an audience for which nothing is noted.
    const audiences = this.#audiences
    this.#audiences = []
    for (const audience of audiences) audience.flush()
    const due = this.#waiting
    this.#waiting = []
    for (const connection of due) connection.flush()
    this.#inTurn = false
    this.#batch = undefined
    // Frames that were added while flushing go out in the next turn.
    if (this.#waiting.length > 0 || this.#audiences.length > 0) this.#beginTurn()
  }
}
