import type { Clock } from '../../core/clock.ts'

const TICK_MS = 20

/**
 * Detects when the target's own event loop is late, so that the ledger can tell a slow target from a slow answer. A timer that
 * fires late shows that the loop was blocked.
 */
export class LateWatch {
  readonly #clock: Clock
  readonly #lateAfterMs: number
  #dueAt = Number.POSITIVE_INFINITY
  #lateUntil = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock, lateAfterMs: number) {
    this.#clock = clock
    this.#lateAfterMs = lateAfterMs
  }

  start(): void {
    this.#dueAt = this.#clock.now() + TICK_MS
    this.#timer = setInterval(() => this.tick(), TICK_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  tick(): void {
    const now = this.#clock.now()
    // Input that waited meanwhile is read after this tick, so requests until the next tick are late too.
    if (now - this.#dueAt > this.#lateAfterMs) this.#lateUntil = now + TICK_MS
    this.#dueAt = now + TICK_MS
  }

  /** Whether the loop was late at some time since `sinceMs`. */
  wasLate(sinceMs: number, nowMs: number): boolean {
    return sinceMs <= this.#lateUntil || nowMs - this.#dueAt > this.#lateAfterMs
  }
}

/** Maximum number of connections that may wait to be accepted: the backlog that Node requests from the system. */
const MOST_WAITING = 511
/** Turns until all sockets have been polled: the rest of the turn with the stall, and the next one. */
const TURNS_TO_READ_ALL = 2

/**
 * Detects which requests a stall of the whole process delayed: those under way, and those that waited in the sockets.
 *
 * The time at which bytes arrived is unknown; only the turn of the loop in which they are read is known. The first whole turn
 * after a stall reads everything that waited on open connections. New connections are accepted one per turn and read in the
 * next turn. All requests that waited completely are marked, and so are requests that arrive within these turns.
 */
export class StallWatch {
  /** Whether `readsHeld` has to be called for requests that begin now. */
  watching = false
  readonly #clock: Clock
  #heldUntil = Number.NEGATIVE_INFINITY
  /** Number of turns since the stall. */
  #turn = 0
  #accepted = 0
  /** Connections that may have waited, with the turn in which each was accepted. */
  readonly #acceptedIn = new Map<object, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Call it at the end of a stall. */
  stalled(): void {
    this.#heldUntil = Number.POSITIVE_INFINITY
    this.#turn = 0
    this.#accepted = 0
    this.#acceptedIn.clear()
    if (this.watching) return
    this.watching = true
    setImmediate(() => this.#endTurn())
  }

  /** Call it for each accepted connection. */
  accepted(socket: object): void {
    if (this.watching && this.#acceptedIn.size < MOST_WAITING) this.#acceptedIn.set(socket, this.#turn)
  }

  /** Whether a request that begins now may have waited on this connection while a stall blocked the loop. */
  readsHeld(socket: object): boolean {
    const acceptedIn = this.#acceptedIn.get(socket)
    return acceptedIn !== undefined && this.#turn <= acceptedIn + 1
  }

  /** Whether a stall delayed a request that began at this time and is under way. */
  hasHeld(startedAt: number): boolean {
    return startedAt <= this.#heldUntil
  }

  #endTurn(): void {
    this.#turn += 1
    const { size } = this.#acceptedIn
    const none = size === this.#accepted
    this.#accepted = size
    if (this.#turn === TURNS_TO_READ_ALL) this.#heldUntil = this.#clock.now()
    // Without a new connection in this turn, none is waiting, and the last one has been read.
    if (this.#turn < TURNS_TO_READ_ALL || !none) {
      setImmediate(() => this.#endTurn())
      return
    }
    this.watching = false
    this.#acceptedIn.clear()
  }
}
