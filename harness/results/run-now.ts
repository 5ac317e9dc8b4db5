import type { LoadChange } from '../load/load-course.ts'
import type { Measurements, Second } from '../metrics/measurements.ts'
import type { Mark } from '../metrics/observations.ts'
import type { Plan } from '../plan/plan.ts'
import type { ObservedSeries } from '../server/server-observer.ts'
import type { Progress } from './progress.ts'
import type { WorkerEvidence } from './worker-rows.ts'

/** A run under way, as of its latest second. All of it still grows. */
export interface RunNow {
  plan: Plan
  progress: Progress
  measurements: Measurements
  /** When the loads began, in monotonic ms. */
  startedAt: number
  second: Second
  marks: readonly Mark[]
  changes: readonly LoadChange[]
  /** When the timeline of its faults began; undefined without one. */
  timelineAtMs: number | undefined
  /** Workers of a run with several. */
  workers: readonly WorkerEvidence[]
  /** Metrics of the servers so far. */
  series: readonly ObservedSeries[]
}
