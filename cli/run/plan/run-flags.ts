import type { Destination } from '../../../harness/export/destination.ts'
import type { ResultFormat, SummaryStyle } from '../../../harness/report/format-names.ts'
import type { BaselineFlags } from '../result/baseline.ts'
import type { RunPageFlags } from '../live/run-page.ts'
import type { CoordinatorFlags } from '../../options/cluster-options.ts'
import type { ScenarioFlags } from '../../options/scenario-options.ts'
import type { WorkerCount } from './worker-count.ts'

/** Parts of an exchange that `--once` shows only when it is asked to. */
export const shownParts = ['bodies', 'secrets'] as const
type ShownPart = (typeof shownParts)[number]

/** Flags of `loadcell run`. */
export interface RunFlags extends BaselineFlags, ScenarioFlags, CoordinatorFlags, RunPageFlags {
  vus?: number
  rate?: number
  duration?: string
  profile?: string
  out?: string
  tag: Record<string, string>
  /** Place of this process. */
  place?: string
  threshold: string[]
  observe: string[]
  report: ResultFormat[]
  summary?: SummaryStyle
  /** Share of the requests whose traces are sampled; true for all. */
  trace?: number | true
  export: Destination[]
  quiet?: true
  once?: true
  workers?: WorkerCount
  onWorkerLoss?: 'end' | 'continue'
  show: ShownPart[]
}
