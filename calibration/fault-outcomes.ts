import type { LedgerReport } from '../contract/ledger.ts'
import type { FaultOutcomes } from '../harness/results/ledger-findings.ts'
import { Histogram } from '../core/histogram.ts'
import { wilsonInterval } from '../core/wilson.ts'
import { summarise } from '../harness/results/trend-summary.ts'

/** How sure one can be of a share that a run has seen. */
const LEVEL = 0.99

/** Returns what each fault rule did in a run: configured against injected, planned against met. */
export function faultOutcomesOf({ faults }: Pick<LedgerReport, 'faults'>): FaultOutcomes {
  const rules = faults.rules.map(({ id, type, matched, injected, expected, plannedDelay, actualDelay }) => {
    const configured = matched === 0 ? 0 : expected / matched
    const interval = wilsonInterval(injected, matched, LEVEL)
    return {
      id,
      type,
      matched,
      injected,
      share: {
        configured,
        observed: matched === 0 ? 0 : injected / matched,
        interval,
        agrees: interval.low <= configured && configured <= interval.high,
      },
      ...(plannedDelay &&
        actualDelay && {
          delay: {
            planned: summarise(Histogram.fromJSON(plannedDelay)),
            actual: summarise(Histogram.fromJSON(actualDelay)),
          },
        }),
    }
  })
  return { rules, stalled: faults.stalled }
}
