import type { FaultMatch, FaultRule } from '../../../contract/faults/rule.ts'
import type { Distribution } from '../../../core/distributions/distribution.ts'
import { parseDistribution } from '../../../core/distributions/parse.ts'
import type { DistributionValue } from '../../../core/distributions/value.ts'

/** Most times are short, and the last ones long: quantiles that are averaged over the seconds of a run differ from those of the run. */
const SLOW_SHARE = 0.25
const FAST: DistributionValue = { type: 'lognormal', median: 60, p99: 150 }
const SLOW: DistributionValue = { type: 'lognormal', median: 150, p99: 400 }

export type LatencyPace = 'fast' | 'slow'

/** Both together, as configured. */
export const injectedTimes: Distribution = parseDistribution({
  type: 'mixture',
  components: [
    { weight: 1 - SLOW_SHARE, distribution: FAST },
    { weight: SLOW_SHARE, distribution: SLOW },
  ],
})

/** Returns the rules `<id>-fast` and `<id>-slow`, which inject the times into what they match. */
export function latencyRules(
  id: string,
  at: 'before_handler' | 'per_message',
  match: (pace: LatencyPace) => FaultMatch,
): FaultRule[] {
  return (['fast', 'slow'] as const).map(pace => ({
    id: `${id}-${pace}`,
    match: match(pace),
    fault: { type: 'delay', at, distribution: pace === 'fast' ? FAST : SLOW },
  }))
}

/** Returns the pace of the time with this ordinal of so many. */
export function paceOf(ordinal: number, total: number): LatencyPace {
  return ordinal < total * (1 - SLOW_SHARE) ? 'fast' : 'slow'
}
