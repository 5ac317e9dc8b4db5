import type { ErrorRow } from '../metrics/error-table.ts'

/** The fate of the setup and the teardown of a scenario. */
export interface StageReports {
  /** Absent if it never began. */
  setup?: StageReport
  /** Absent if it never began: the scenario has none, or its setup did not begin. */
  teardown?: StageReport
}

/** How a setup or teardown went. Its requests count neither in the metrics nor in the thresholds of the run. */
export interface StageReport {
  /** `failed`: it threw, took too long, or returned what cannot be shared. */
  state: 'completed' | 'failed' | 'interrupted'
  /** Why it did not complete, in one sentence; empty if it did. */
  detail: string
  durationMs: number
  requests: number
  failedRequests: number
  errors: ErrorRow[]
}
