import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { Clock } from '../../core/clock.ts'

/** Load on the generator itself in an interval. */
export interface GeneratorReading {
  /** CPU time as a share of one core, without the time that the pacer spends waiting. */
  cpu: number
  /** Or the longest delay, if the process stood still for a second or more: one delay among many is beyond their 99th percentile. */
  eventLoopDelayP99Ms: number
  /** Share of the time that garbage collection took. */
  gc: number
}

export interface GeneratorMonitor {
  /** Returns what happened since the previous reading. */
  read(): GeneratorReading
  close(): void
}

/** Period of the timer whose lateness Node measures. The measured values include it. */
const DELAY_RESOLUTION_MS = 10
const STANDSTILL_MS = 1000

export function monitorGenerator(clock: Clock, pacer: { readonly idleSpinMs: number }): GeneratorMonitor {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delay.enable()
  let gcMs = 0
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) gcMs += entry.duration
  })
  observer.observe({ entryTypes: ['gc'] })
  let readAt = clock.now()
  let idleSpinMs = pacer.idleSpinMs
  let usage = process.cpuUsage()

  return {
    read() {
      const elapsedMs = Math.max(1, clock.now() - readAt)
      const { user, system } = process.cpuUsage(usage)
      const busyMs = (user + system) / 1000 - (pacer.idleSpinMs - idleSpinMs)
      const reading = {
        cpu: Math.max(0, busyMs / elapsedMs),
        eventLoopDelayP99Ms: delayOf(delay, elapsedMs),
        gc: Math.min(1, gcMs / elapsedMs),
      }
      delay.reset()
      gcMs = 0
      readAt = clock.now()
      idleSpinMs = pacer.idleSpinMs
      usage = process.cpuUsage()
      return reading
    },
    close() {
      delay.disable()
      observer.disconnect()
    },
  }
}

function delayOf(delay: ReturnType<typeof monitorEventLoopDelay>, elapsedMs: number): number {
  const measuredMs = delay.count === 0 ? 0 : (delay.count * delay.mean) / 1e6
  // The first turn after a standstill may read before Node has measured that, and a reset makes Node forget it.
  const unmeasuredMs = elapsedMs - measuredMs - DELAY_RESOLUTION_MS
  if (delay.count === 0) return Math.max(0, unmeasuredMs)
  const longestMs = Math.max(delay.max / 1e6 - DELAY_RESOLUTION_MS, unmeasuredMs)
  return longestMs >= STANDSTILL_MS ? longestMs : Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS)
}
