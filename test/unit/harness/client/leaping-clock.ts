import { systemClock } from '../../../../core/clock.ts'
import { SkippingClock } from './skipping-clock.ts'

/**
 * The real time, but whoever sleeps until something is aborted does not: the time is skipped, and kept in `slept`. What
 * only looks now and then (deadlines) sleeps as ever.
 */
export class LeapingClock extends SkippingClock {
  readonly slept: number[] = []
  onSleep: (() => void) | undefined

  override sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return super.sleep(delayMs)
    this.slept.push(Math.round(delayMs))
    this.skip(delayMs)
    this.onSleep?.()
    return systemClock.sleep(0)
  }
}
