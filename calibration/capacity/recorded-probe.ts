import type { LedgerReport } from '../../contract/ledger.ts'
import type { CapacityProbe } from '../../harness/capacity/capacity-result.ts'

/** A probe, and what the ledger says about its run. */
export interface RecordedProbe {
  probe: CapacityProbe
  ledger: LedgerReport
}

/**
 * Returns the probe with the lightest load that the ledger still knows; undefined without one. A ledger keeps a limited number of runs,
 * and forgets the first probes of a long search.
 */
export async function lightestRecorded(
  probes: readonly CapacityProbe[],
  readLedger: (runId: string) => Promise<LedgerReport>,
): Promise<RecordedProbe | undefined> {
  for (const probe of probes.toSorted((a, b) => a.load - b.load)) {
    const ledger = await readLedger(probe.runId)
    if (ledger.operations.some(({ arrivals }) => arrivals > 0)) return { probe, ledger }
  }
  return undefined
}
