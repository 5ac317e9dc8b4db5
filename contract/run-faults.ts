import type { ShareInterval } from '../core/wilson.ts'
import type { FaultType } from './faults/fault.ts'
import type { TrendSummary } from './trend-summary.ts'

/** A time of the run in which certain faults were on: a phase of a timeline, or the window of a rule. */
export interface FaultBand {
  name: string
  /** Offsets from the start of the run, as it really happened. */
  fromMs: number
  toMs: number
  /** Ids of the rules that acted; none: healthy. */
  rules: string[]
}

/** The result of the requests that were due in the timeline phases of this name. */
export interface PhaseRow {
  name: string
  requests: number
  failed: number
  response: TrendSummary
}

/** The effects of faults in the run; nothing without a ledger. */
export interface FaultOutcomes {
  rules: FaultOutcome[]
  /** Exchanges that were under way, or waited to be read, while a stall held the target. */
  stalled: number
}

/** The effects of one rule in the run, according to the target's ledger. */
export interface FaultOutcome {
  id: string
  type: FaultType
  /** Exchanges, connections or messages that it was for while it acted. */
  matched: number
  injected: number
  /** `configured` is the mean of the shares there were when it matched; it agrees when the interval around `observed` holds it. */
  share: { configured: number; observed: number; interval: ShareInterval; agrees: boolean }
  /** Times of delaying faults: drawn and actual. */
  delay?: { planned: TrendSummary; actual: TrendSummary }
}
