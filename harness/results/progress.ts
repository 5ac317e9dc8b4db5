import type { ErrorRow } from '../metrics/error-table.ts'
import type { TimelinePoint } from './timeline.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'

/** State of a run under way: everything since its start, and its latest second. */
export interface Progress {
  phase: 'warmup' | 'running' | 'stopping'
  /** Since the start of the phase 'warmup' or, once that is over, of the run. */
  elapsedMs: number
  /** How long that takes by plan. */
  plannedMs: number
  point: TimelinePoint
  totals: ProgressTotals
  thresholds: ThresholdVerdict[]
  /** Most frequent first. */
  errors: ErrorRow[]
}

interface ProgressTotals {
  requests: number
  failed: number
  rateLimited: number
  responseP50Ms: number
  responseP95Ms: number
  responseP99Ms: number
  openStreams: number
  openSockets: number
  published: number
  delivered: number
}
