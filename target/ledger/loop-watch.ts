import type { Clock } from '../../core/clock.ts'

const TICK_MS = 20

/**
 * Knows when the target's own event loop was late, so that a slow answer can be told from a slow target. A timer that
 * fires late says that the loop was held up for as long.
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
    // What waited in the sockets meanwhile is read only after this tick: it is late as well, until the next one.
    if (now - this.#dueAt > this.#lateAfterMs) this.#lateUntil = now + TICK_MS
    this.#dueAt = now + TICK_MS
  }

  /** Whether the loop was late at some time since `sinceMs`. */
  wasLate(sinceMs: number, nowMs: number): boolean {
    return sinceMs <= this.#lateUntil || nowMs - this.#dueAt > this.#lateAfterMs
  }
}

/** Connections that may have waited to be accepted: as many as the backlog that Node asks the system for. */
const MOST_WAITING = 511
/** The rest of the turn with the stall, and the first turn that polls all sockets. */
const TURNS_TO_READ_ALL = 2

/**
 * Knows which requests a stall of the whole process held up: those under way, and those that waited in the sockets.
 *
 * Nothing tells when bytes arrived, only in which turn of the loop they are read. The first whole turn after a stall reads
 * everything that waited on open connections. New connections are accepted one a turn and read in the next, so those that
 * waited come one turn after another. No request that waited as a whole is missed. Requests that arrive within these turns
 * are marked as well.
 */
export class StallWatch {
  /** Ask `readsHeld` of requests that begin now. */
  watching = false
  readonly #clock: Clock
  #heldUntil = Number.NEGATIVE_INFINITY
  /** Since the stall. */
  #turn = 0
  #accepted = 0
  /** The turn in which each connection was accepted that may have waited. */
  readonly #acceptedIn = new Map<object, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Call it when a stall has just ended. */
  stalled(): void {
    this.#heldUntil = Number.POSITIVE_INFINITY
    this.#turn = 0
    this.#accepted = 0
    this.#acceptedIn.clear()
    if (this.watching) return
    this.watching = true
    setImmediate(() => this.#endTurn())
  }

  /** A connection was accepted. */
  accepted(socket: object): void {
    if (this.watching && this.#acceptedIn.size < MOST_WAITING) this.#acceptedIn.set(socket, this.#turn)
  }

  /** Whether a request that begins now may have waited on this connection while a stall held the loop. */
  readsHeld(socket: object): boolean {
    const acceptedIn = this.#acceptedIn.get(socket)
    return acceptedIn !== undefined && this.#turn <= acceptedIn + 1
  }

  /** Whether what began at this time, and is under way, was held up. */
  hasHeld(startedAt: number): boolean {
    return startedAt <= this.#heldUntil
  }

  #endTurn(): void {
    this.#turn += 1
    const { size } = this.#acceptedIn
    const none = size === this.#accepted
    this.#accepted = size
    if (this.#turn === TURNS_TO_READ_ALL) this.#heldUntil = this.#clock.now()
    // A turn without a new connection: none is waiting, and the last one has been read.
    if (this.#turn < TURNS_TO_READ_ALL || !none) {
      setImmediate(() => this.#endTurn())
      return
    }
    this.watching = false
    this.#acceptedIn.clear()
  }
}
