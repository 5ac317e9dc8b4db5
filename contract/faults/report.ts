import type { EncodedHistogram } from '../../core/histogram.ts'
import type { FaultRule } from './rule.ts'

/** A rule, and what it has done since it was set: an answer of `/_loadcell/faults`. */
export interface FaultRuleReport {
  rule: FaultRule
  /** Where it comes from: the configuration or the API, or the phase of the timeline that is on. */
  source: 'rules' | 'timeline'
  /** Wall time in ms. */
  setAt: number
  /** When its ttl takes it away. */
  endsAt?: number
  /** Exchanges, connections or messages that it was for while it acted. */
  matched: number
  injected: number
  share: { configured: number; observed: number; interval: ShareInterval; agrees: boolean }
  /** Of faults that take time: what was drawn, what it came to, and the difference. */
  delay?: { planned: EncodedHistogram; actual: EncodedHistogram; error: EncodedHistogram }
}

/** Wilson's interval of a share, by the level it is given for. */
export interface ShareInterval {
  level: number
  low: number
  high: number
}

/** Part of the ledger: what the faults did in one run. */
export interface FaultsAccount {
  rules: {
    id: string
    type: FaultRule['fault']['type']
    matched: number
    injected: number
    /** Of faults that take time. */
    plannedDelay?: EncodedHistogram
    actualDelay?: EncodedHistogram
  }[]
  /** Meetings with rules past the most that are kept apart in one run. */
  notKept: number
  /** Exchanges that were under way while a `stall` held the loop. */
  stalled: number
}

/** An answer of `GET /_loadcell/capacity`. Times in ms, rates per second. */
export interface StationReport {
  name: string
  /** Rules that send exchanges to it. */
  rules: string[]
  servers: number
  serviceMeanMs: number
  queueLimit: number
  discipline: 'fifo' | 'lifo' | 'random'
  /** Now. */
  busy: number
  queued: number
  /** Since it was set. */
  arrived: number
  served: number
  turnedAway: number
  timedOut: number
  abandoned: number
  wait: EncodedHistogram
  service: EncodedHistogram
  /** Most it can serve: servers ÷ mean service time. */
  kneePerSecond: number
}
