import type { ShareInterval } from '../../core/wilson.ts'
import type { FaultType } from '../../contract/faults/fault.ts'
import type { TrendSummary } from './trend-summary.ts'

export interface Reconciliation {
  state: 'agrees' | 'differs' | 'unavailable'
  /** One sentence: that both agree, where they differ and by how much, or why there is no comparison. */
  summary: string
  rows: ReconciliationRow[]
}

export interface ReconciliationRow {
  what: string
  harness: number
  ledger: number
  /** harness − ledger. */
  difference: number
}

/** `offered = delivered + dropped + filtered + elsewhere + expired + unsent + unexplained`, over all consumers of a stream. */
export interface StreamDeliveries {
  stream: string
  /** Events published to it in this run that were new. */
  accepted: number
  /**
   * Events that came into the stream while a consumer followed, once for each consumer. It includes the ambient feed
   * and other runs.
   */
  offered: number
  delivered: number
  /** By slow-consumer policy. */
  dropped: Record<string, number>
  filtered: number
  /** To another member of a consumer group. */
  elsewhere: number
  /** Evicted by retention before they were delivered. */
  expired: number
  /** Still queued when the consumer left. */
  unsent: number
  unexplained: number
}

/** The effects of faults in the run; none without a ledger. */
export interface FaultOutcomes {
  rules: FaultOutcome[]
  /** Exchanges that were in progress or unread while a stall blocked the target. */
  stalled: number
}

/** The effects of one rule in the run, according to the target's ledger. */
export interface FaultOutcome {
  id: string
  type: FaultType
  /** Exchanges, connections or messages that it matched while it acted. */
  matched: number
  injected: number
  /** `configured` is the mean share at its matches. It agrees if the interval around `observed` contains it. */
  share: { configured: number; observed: number; interval: ShareInterval; agrees: boolean }
  /** Times of delaying faults: drawn and actual. */
  delay?: { planned: TrendSummary; actual: TrendSummary }
}
