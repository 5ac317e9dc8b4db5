import type { LedgerReport, StreamDeliveryAccount } from '../../contract/ledger.ts'

/** The streams of a ledger with events that were neither delivered nor are accounted for otherwise: none, unless it lies. */
export function unexplained({ streams }: LedgerReport): { stream: string; events: number }[] {
  return streams.deliveries
    .map(account => ({ stream: account.stream, events: account.offered - accountedFor(account) }))
    .filter(({ events }) => events !== 0)
}

function accountedFor(account: StreamDeliveryAccount): number {
  const { delivered, dropped, injected, filtered, elsewhere, expired, unsent } = account
  const droppedByAll = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return delivered + droppedByAll + filtered + elsewhere + expired + unsent - (injected?.duplicated ?? 0)
}
