import type { Clock } from './clock.ts'
import { Heap } from './heap.ts'

/** A turn of the event loop that is shorter than this had no work to do. */
const IDLE_TURN_MS = 0.02
/** The system adds about sixty microseconds to a nap, and sometimes more. */
const NAP_ERROR_MS = 0.1
/** The delays that a nap asks for. The longest one bounds how long sockets wait to be served. */
const SHORTEST_NAP_MS = 0.01
const LONGEST_NAP_MS = 0.2
/** Waits that end together are fired in groups, so that sockets are served in between, and those of the first group soon. */
const MOST_AT_ONCE = 16

/** A wait that can be cancelled. */
export interface Wait {
  /** Cancels the wait: it leaves the queue at once, and nothing is called. */
  cancel(): void
}

/**
 * Any number of delays in one heap, driven by one timer. A delay never ends early, and is late by at most a turn of the event
 * loop. The queue sleeps until shortly before the next delay ends and then waits turn by turn, so that sockets are served in
 * every turn. A turn without work ends in a nap: otherwise the queue would occupy a core and leave garbage, whose collection
 * makes delays late. On a busy machine, a process that used up its share of a core by turning would also be woken late.
 */
export class DelayQueue {
  readonly #clock: Clock
  /** The wait that ends next comes first. */
  readonly #heap = new Heap<Waiting>(comesBefore)
  #nextOrdinal = 0
  #turning = false
  #turnBeganAt = 0
  /** The sleep before the next wait; absent while there is none. */
  #sleep: { wakeAt: number; woken: AbortController } | undefined
  readonly #turn = () => this.#fireDue()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Number of waits that have not ended. */
  get length(): number {
    return this.#heap.length
  }

  /** Calls `fire` once, when the clock's monotonic time reaches `dueAt`; never within this call. */
  at(dueAt: number, fire: () => void): Wait {
    const waiting = new Waiting(this, dueAt, this.#nextOrdinal++, fire)
    this.#heap.push(waiting)
    if (this.#heap.first === waiting) this.#drive()
    return waiting
  }

  /** Removes a wait. Does nothing for one that has ended. */
  remove(waiting: Waiting): void {
    this.#heap.remove(waiting)
    if (this.#heap.length === 0) this.#wake()
  }

  #drive(): void {
    if (this.#turning) return
    const wakeAt = this.#heap.first!.dueAt - this.#clock.timerErrorMs
    if (this.#sleep !== undefined && this.#sleep.wakeAt <= wakeAt) return
    this.#wake()
    const farMs = wakeAt - this.#clock.now()
    if (farMs > 0) void this.#sleepFor(farMs, wakeAt)
    else this.#takeTurn()
  }

  async #sleepFor(farMs: number, wakeAt: number): Promise<void> {
    const woken = new AbortController()
    const sleep = { wakeAt, woken }
    this.#sleep = sleep
    await this.#clock.sleep(farMs, woken.signal)
    // An earlier wait was added, or none is left.
    if (this.#sleep !== sleep) return
    this.#sleep = undefined
    this.#takeTurn()
  }

  #wake(): void {
    const sleep = this.#sleep
    this.#sleep = undefined
    sleep?.woken.abort()
  }

  #takeTurn(): void {
    this.#turning = true
    this.#turnBeganAt = this.#clock.now()
    setImmediate(this.#turn)
  }

  #fireDue(): void {
    this.#turning = false
    const now = this.#clock.now()
    const leftMs = (this.#heap.first?.dueAt ?? now) - now
    const napMs = Math.min(leftMs - NAP_ERROR_MS, LONGEST_NAP_MS)
    if (napMs >= SHORTEST_NAP_MS && now - this.#turnBeganAt < IDLE_TURN_MS) this.#clock.stall(napMs)
    let fired = 0
    // Waits that are added meanwhile get a turn of their own, so that sockets are served in between.
    const newcomer = this.#nextOrdinal
    for (
      let next = this.#heap.first;
      next !== undefined && next.ordinal < newcomer && fired < MOST_AT_ONCE;
      next = this.#heap.first
    ) {
      // The clock is read each time, because callbacks take time as well.
      if (next.dueAt > this.#clock.now()) break
      this.remove(next)
      fired += 1
      next.fire()
    }
    if (this.#heap.length > 0) this.#drive()
  }
}

class Waiting implements Wait {
  readonly #queue: DelayQueue
  readonly dueAt: number
  /** Orders items that are due at the same time: first come, first served. */
  readonly ordinal: number
  readonly fire: () => void
  /** In the heap; -1 once it is out of it. */
  place = -1

  constructor(queue: DelayQueue, dueAt: number, ordinal: number, fire: () => void) {
    this.#queue = queue
    this.dueAt = dueAt
    this.ordinal = ordinal
    this.fire = fire
  }

  cancel(): void {
    this.#queue.remove(this)
  }
}

function comesBefore(a: Waiting, b: Waiting): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.ordinal < b.ordinal)
}
