import type { Clock } from '../../core/clock.ts'

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
  #turnAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The clock, read once a turn: at a thousand frames a turn the reading would cost more than the queueing. */
  get turnAt(): number {
    if (this.#waiting.length === 0) this.#turnAt = this.#clock.now()
    return this.#turnAt
  }

  add(connection: Flushable): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#run())
    this.#waiting.push(connection)
  }

  #run(): void {
    const due = this.#waiting
    this.#turnAt = this.#clock.now()
    this.#waiting = []
    for (const connection of due) connection.flush()
  }
}
