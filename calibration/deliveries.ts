import type { LedgerReport, StreamDeliveryAccount } from '../contract/ledger.ts'
import type { StreamDeliveries } from '../harness/results/ledger-findings.ts'

/** Returns where every event of each followed stream went, over all its consumers. */
export function deliveriesOf({ streams, events }: Pick<LedgerReport, 'streams' | 'events'>): StreamDeliveries[] {
  return streams.deliveries.map(account => {
    const { stream, offered, delivered, dropped, filtered, elsewhere, expired, unsent } = account
    return {
      stream,
      // A stream may be called what every object has.
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

/** Returns the number of offered events that the ledger explains. Copies that faults made were never offered, so they are taken off. */
export function explained(account: StreamDeliveryAccount): number {
  const { delivered, dropped, injected, filtered, elsewhere, expired, unsent } = account
  const droppedInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return delivered + droppedInAll + filtered + elsewhere + expired + unsent - (injected?.duplicated ?? 0)
}
