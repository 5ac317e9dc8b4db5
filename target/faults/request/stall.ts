import type { Clock } from '../../../core/clock.ts'
import type { Strike } from '../plan.ts'

/** Told of each stall when it is over. */
export interface StallListener {
  stalled(): void
}

/** Holds the whole process up for the time that was drawn, as a collection of garbage does. */
export function stall(strike: Strike<'stall'>, clock: Clock, listener: StallListener): void {
  const plannedMs = strike.drawMs()
  const startedAt = clock.now()
  clock.stall(plannedMs)
  strike.delayed(plannedMs, clock.now() - startedAt)
  listener.stalled()
}
