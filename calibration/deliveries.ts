import type { LedgerReport, StreamDeliveryAccount } from '../contract/ledger.ts'
import type { StreamDeliveries } from '../contract/run-deliveries.ts'

/** What became of every event of each stream that was followed, for everybody who followed it. */
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

/** Each event offered to a consumer must be one of these; copies that faults have made are one more each, and not offered. */
export function explained(account: StreamDeliveryAccount): number {
  const { delivered, dropped, injected, filtered, elsewhere, expired, unsent } = account
  const droppedInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return delivered + droppedInAll + filtered + elsewhere + expired + unsent - (injected?.duplicated ?? 0)
}
