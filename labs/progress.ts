import { run } from '../harness/run/run.ts'
import type { LabBench } from './lab.ts'

/** State of the load that a lab measures at the moment. */
export interface LabProgress {
  /** Number of this load, from 1. */
  load: number
  elapsedMs: number
  plannedMs: number
  requests: number
  requestsPerSecond: number
  responseP95Ms: number | null
}

/**
 * Returns the bench with a run that tells of its progress about once a second, and when it begins.
 * @param doubt called with the number of each load whose generator could not keep up
 */
export function watched(
  bench: LabBench,
  tell: (progress: LabProgress) => void,
  doubt: (load: number) => void = () => {},
): LabBench {
  const { measure = run } = bench
  let load = 0
  return {
    ...bench,
    async measure(plan, options) {
      load += 1
      const own = load
      const start = { elapsedMs: 0, requests: 0, requestsPerSecond: 0, responseP95Ms: null }
      tell({ load: own, plannedMs: plan.plannedMs, ...start })
      const result = await measure(plan, {
        ...options,
        onProgress({ elapsedMs, plannedMs, point, totals: { requests } }) {
          const { requestsPerSecond, responseP95Ms } = point
          tell({ load: own, elapsedMs, plannedMs, requests, requestsPerSecond, responseP95Ms })
        },
      })
      if (result.validity.state === 'invalid') doubt(own)
      return result
    },
  }
}
