import type { Clock } from '../../../core/clock.ts'
import type { Injection } from '../injection.ts'
import type { RequestFault, StallListener } from './faulted-exchange.ts'

export const stall: RequestFault<'stall'> = {
  wait(injection, faulted) {
    const { clock, stallListener } = faulted.dependencies
    stallProcess(injection, clock, stallListener)
    faulted.delaysFrom = clock.now()
    return undefined
  },
}

/** Blocks the whole process for the drawn time, as a garbage collection does. */
export function stallProcess(injection: Injection<'stall'>, clock: Clock, listener: StallListener): void {
  const plannedMs = injection.drawMs()
  const startedAt = clock.now()
  clock.stall(plannedMs)
  injection.delayed(plannedMs, clock.now() - startedAt)
  listener.stalled()
}
