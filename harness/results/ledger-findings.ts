import type { ShareInterval } from '../../core/wilson.ts'
import type { FaultType } from '../../contract/faults/fault.ts'
import type { TrendSummary } from './trend-summary.ts'

export interface Reconciliation {
  state: 'agrees' | 'differs' | 'unavailable'
  /** One sentence: both agree, or where they differ and by how much, or why it could not be done. */
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
  /** Retention took them first. */
  expired: number
  /** Still queued when the consumer left. */
  unsent: number
  unexplained: number
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
