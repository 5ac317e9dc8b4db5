import type { Clock } from '../../core/clock.ts'

/** Waits for a point in time. */
export interface Pacer {
  /** Resolves at `dueAt` of the clock, or when the signal aborts. */
  waitUntil(dueAt: number, signal: AbortSignal): Promise<void>
  /** Processor time spent on waiting so far, which does not count as work of the generator. */
  readonly idleSpinMs: number
}

/** A timer fires up to this much late, so the last part of a wait takes turns of the event loop. */
const SPIN_MS = 1.5
/** A turn of the event loop that is shorter than this did nothing but read the clock. */
const IDLE_TURN_MS = 0.02

/**
 * Returns a pacer that waits with a timer first and with turns of the event loop at the end. It is late by microseconds instead of
 * the millisecond of a timer, and idle while the next arrival is far away. Every turn serves sockets.
 */
export function precisePacer(clock: Clock): Pacer {
  let idleSpinMs = 0
  /** Several loads may wait at the same time, and each moment counts once. */
  let countedUntil = Number.NEGATIVE_INFINITY

  function spinUntil(dueAt: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      let turnStartedAt = clock.now()
      const turn = () => {
        const now = clock.now()
        const turnMs = now - turnStartedAt
        if (turnMs < IDLE_TURN_MS) idleSpinMs += now - Math.max(turnStartedAt, countedUntil)
        countedUntil = now
        if (now >= dueAt || signal.aborted) {
          resolve()
          return
        }
        turnStartedAt = now
        setImmediate(turn)
      }
      setImmediate(turn)
    })
  }

  return {
    async waitUntil(dueAt, signal) {
      const farMs = dueAt - clock.now() - SPIN_MS
      // Timers have a resolution of one millisecond.
      if (farMs >= 1) await clock.sleep(farMs, signal)
      if (clock.now() < dueAt && !signal.aborted) await spinUntil(dueAt, signal)
    },
    get idleSpinMs() {
      return idleSpinMs
    },
  }
}
