import type { EncodedHistogram } from '../../core/histogram.ts'
import type { ShareInterval } from '../../core/wilson.ts'
import type { FaultScope } from './fault.ts'
import type { FaultRule } from './rule.ts'
import type { StationAccount } from './station-report.ts'
import type { FaultTimeline } from './configuration.ts'

/** A rule, and what it has done since it was set, or the ledger was reset: an answer of `/_loadcell/faults`. */
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
  /** Times of delaying faults: drawn, actual, and the difference. */
  delay?: { planned: EncodedHistogram; actual: EncodedHistogram; error: EncodedHistogram }
}

/** `GET /_loadcell/faults`: what is on now. */
export interface FaultsReport {
  rules: FaultRuleReport[]
  /** Names of those that are on as a whole, also where they were set rule by rule, with a ttl; their rules are among the rules. */
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

/** How far a rule gets: it matches, it acts at this time, it affects this key. */
export interface RuleExplanation {
  id: string
  type: FaultRule['fault']['type']
  scope: FaultScope
  source: FaultRuleReport['source']
  matches: boolean
  acts: boolean
  share: number
  /** The draw of the key, 0…1: the rule affects it if it is below the share. */
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
    /** The sum of the shares there were when it matched: what chance would inject on average. */
    expected: number
    /** Only for faults that take time. */
    plannedDelay?: EncodedHistogram
    actualDelay?: EncodedHistogram
  }[]
  /** Those that exchanges of the run came to, at most 256. */
  stations: StationAccount[]
  /** Meetings with rules past the most that are kept apart in one run. */
  notKept: number
  /** Exchanges that were under way while a `stall` held the loop. */
  stalled: number
}
