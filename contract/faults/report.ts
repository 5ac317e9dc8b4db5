import type { EncodedHistogram } from '../../core/encoded-histogram.ts'
import type { ShareInterval } from '../../core/wilson.ts'
import type { FaultScope } from './fault.ts'
import type { FaultRule } from './rule.ts'
import type { StationAccount } from './station-report.ts'
import type { FaultTimeline } from './configuration.ts'

/** A rule, and what it has done since it was set or the ledger was reset. */
export interface FaultRuleReport {
  rule: FaultRule
  /** Where it comes from: the configuration or the API (`rules`), or the current phase of the timeline. */
  source: 'rules' | 'timeline'
  /** Wall time in ms. */
  setAt: number
  /** When its ttl ends it. */
  endsAt?: number
  /** Exchanges, connections or messages that it matched while it acted. */
  matched: number
  injected: number
  share: { configured: number; observed: number; interval: ShareInterval; agrees: boolean }
  /** Times of delaying faults: drawn, actual, and the difference. */
  delay?: { planned: EncodedHistogram; actual: EncodedHistogram; error: EncodedHistogram }
}

/** `GET /_loadcell/faults`: the active rules. */
export interface FaultsReport {
  rules: FaultRuleReport[]
  /** Names of the presets whose rules are all active, however these were set. `rules` contains them. */
  presets: string[]
}

/** `GET /_loadcell/timeline`. Times are wall times in ms. */
export interface TimelineReport {
  timeline: FaultTimeline | null
  startedAt?: number
  /** The current phase; absent once the timeline is over. */
  phase?: TimelineBand
  /** Phases so far, the current one included: oldest first, the latest thousand. */
  bands: TimelineBand[]
}

export interface TimelineBand {
  name: string
  /** Index of the phase, and the number of rounds before. */
  index: number
  round: number
  from: number
  to: number
  /** Ids of its rules. */
  rules: string[]
}

/** `POST /_loadcell/faults/explain`: what would happen to a request. Nothing is counted. */
export interface FaultsExplanation {
  request: { operation: string; method: string; path: string; tenant: string; key: string | number }
  /** Ids of the rules that affect it, in order. */
  strikes: string[]
  rules: RuleExplanation[]
}

/** Whether a rule affects a request, and why: whether it matches, acts at this time, and affects this key. */
export interface RuleExplanation {
  id: string
  type: FaultRule['fault']['type']
  scope: FaultScope
  source: FaultRuleReport['source']
  matches: boolean
  acts: boolean
  share: number
  /** The draw of the key, 0…1. The rule affects the key if the draw is below the share. */
  drawn: number
  strikes: boolean
  /** The time drawn for a delaying fault. */
  drawnMs?: number
}

/** Part of the ledger: what the faults did in one run. */
export interface FaultsAccount {
  rules: {
    id: string
    type: FaultRule['fault']['type']
    matched: number
    injected: number
    /** Sum of the shares at each match: the expected number of injections. */
    expected: number
    /** Only for faults that take time. */
    plannedDelay?: EncodedHistogram
    actualDelay?: EncodedHistogram
  }[]
  /** Stations that exchanges of the run visited, at most 256. */
  stations: StationAccount[]
  /** Matches of rules beyond the number that is counted separately in one run. */
  notKept: number
  /** Exchanges that were in progress while a `stall` blocked the event loop. */
  stalled: number
}
