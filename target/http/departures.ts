/** An answer that is complete but not written yet. */
export interface Departure {
  /** Writes it. Takes the time of its start and returns that of its end. */
  leave(now: number): number
}

/** With as many answers waiting, they are written at once. */
const MOST_WAITING = 32
/** An answer waits no longer than this for the end of the turn. */
const LONGEST_WAIT_MS = 1

/**
 * Answers that wait for the end of this turn of the event loop, to be written one after the other. Writing each one when it is ready would take
 * a quarter more CPU time: the system's code for a write and the code of the handlers displace each other from the processor's caches, and a client that
 * handles one answer goes to sleep before the next one comes.
 */
export class Departures {
  #waiting: Departure[] = []
  #since = 0
  readonly #leave = () => this.leave()

  /** @param now the time */
  add(departure: Departure, now: number): void {
    if (this.#waiting.push(departure) === 1) {
      this.#since = now
      setImmediate(this.#leave)
    } else if (this.#waiting.length >= MOST_WAITING || now - this.#since >= LONGEST_WAIT_MS) this.leave(now)
  }

  /** Writes all of them. */
  leave(now?: number): void {
    const due = this.#waiting
    if (due.length === 0) return
    this.#waiting = []
    let time = now ?? this.#since
    for (const departure of due) time = departure.leave(time)
  }
}

/** One for all servers of this process, because Node makes the responses. */
export const departures = new Departures()
