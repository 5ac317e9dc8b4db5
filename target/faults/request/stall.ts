import type { Clock } from '../../../core/clock.ts'
import type { Injection } from '../injection.ts'

/** Told of each stall when it is over. */
export interface StallListener {
  stalled(): void
}

/** Holds the whole process up for the time that was drawn, as a collection of garbage does. */
export function stall(injection: Injection<'stall'>, clock: Clock, listener: StallListener): void {
  const plannedMs = injection.drawMs()
  const startedAt = clock.now()
  clock.stall(plannedMs)
  injection.delayed(plannedMs, clock.now() - startedAt)
  listener.stalled()
}
