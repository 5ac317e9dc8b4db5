import type { Clock } from '../../core/clock.ts'

/** Waits for a point in time. */
export interface Pacer {
  /** Resolves at `dueAt` of the clock, or when the signal aborts. */
  waitUntil(dueAt: number, signal: AbortSignal): Promise<void>
  /** Processor time spent waiting so far: the generator is not busy with it. */
  readonly idleSpinMs: number
}

/** A timer fires up to this much late; the rest is waited for turn by turn. */
const SPIN_MS = 1.5
/** A turn of the event loop that is shorter than this did nothing but ask for the time. */
const IDLE_TURN_MS = 0.02

/**
 * A timer for the far part and turns of the event loop for the near one: late by microseconds instead of the
 * millisecond of a timer, and idle while the next arrival is far. Sockets are served in every turn.
 */
export function precisePacer(clock: Clock): Pacer {
  let idleSpinMs = 0

  function spinUntil(dueAt: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      let turnStartedAt = clock.now()
      const turn = () => {
        const now = clock.now()
        const turnMs = now - turnStartedAt
        if (turnMs < IDLE_TURN_MS) idleSpinMs += turnMs
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
      // Below a millisecond a timer cannot be asked for.
      if (farMs >= 1) await clock.sleep(farMs, signal)
      if (clock.now() < dueAt && !signal.aborted) await spinUntil(dueAt, signal)
    },
    get idleSpinMs() {
      return idleSpinMs
    },
  }
}
