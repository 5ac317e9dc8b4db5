import type { LedgerReport, StreamDeliveryAccount } from '../contract/ledger.ts'
import { Histogram } from '../core/histogram.ts'
import { wilsonInterval } from '../core/wilson.ts'
import type { FaultOutcomes, StreamDeliveries } from '../harness/results/ledger-findings.ts'
import { summarise } from '../harness/results/trend-summary.ts'

/** Level of the interval for the share of a fault rule. */
const LEVEL = 0.99

/** Returns what happened to every event of each followed stream, over all its consumers. */
export function deliveriesOf({ streams, events }: Pick<LedgerReport, 'streams' | 'events'>): StreamDeliveries[] {
  return streams.deliveries.map(account => {
    const { stream, offered, delivered, dropped, filtered, elsewhere, expired, unsent } = account
    return {
      stream,
      // A stream may have the name of a property that every object has.
      accepted: Object.hasOwn(events.byStream, stream) ? (events.byStream[stream] ?? 0) : 0,
      offered,
      delivered,
      dropped,
      filtered,
      elsewhere,
      expired,
      unsent,
      unexplained: offered - explained(account),
    }
  })
}

/** Returns the number of offered events that the ledger accounts for. Copies that faults made were never offered, so they are subtracted. */
export function explained(account: StreamDeliveryAccount): number {
  const { delivered, dropped, injected, filtered, elsewhere, expired, unsent } = account
  const droppedInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return delivered + droppedInAll + filtered + elsewhere + expired + unsent - (injected?.duplicated ?? 0)
}

/** Returns what each fault rule did in a run: the configured and the observed share, planned and actual delays. */
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
