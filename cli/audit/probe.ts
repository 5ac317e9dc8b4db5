import type { Probe } from '../../calibration/audit/arrived-load.ts'
import type { RequestedLoad } from '../../calibration/audit/tool.ts'
import { LedgerUnavailable, readLedger } from '../../calibration/ledger-client.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import { InputError } from '../process/input-error.ts'
import type { AuditedTarget } from './audited-target.ts'

const PROBE_MS = 1000
const RULE = {
  id: 'audit-probe',
  fault: { type: 'delay', distribution: `${PROBE_MS}ms` },
  // Removes itself if the audit cannot.
  ttl: `${PROBE_MS}ms`,
} satisfies FaultRule
const LOOK_EVERY_MS = 100
/** Time of load before the probe where the command does not say how long it runs: enough to know its usual rate. */
const USUALLY_AFTER_MS = 4000
/** Share of the load's duration after which the probe comes. */
const MIDDLE = 0.5

/**
 * Makes all responses late by one second, for one second in the middle of the load.
 * @param signal ends the wait for the middle: the command has ended.
 * @returns when it was; undefined if the command ended before.
 * @throws InputError when the target refuses the rule.
 */
export async function probe(
  target: AuditedTarget,
  { run, requested, signal }: { run: string; requested: RequestedLoad; signal: AbortSignal },
): Promise<Probe | undefined> {
  const { clock } = target.ledger
  const afterMs = requested.durationMs === undefined ? USUALLY_AFTER_MS : MIDDLE * requested.durationMs
  let startedMs: number | undefined
  while (startedMs === undefined || clock.now() - startedMs < afterMs) {
    await clock.sleep(LOOK_EVERY_MS, signal)
    if (signal.aborted) return undefined
    if (startedMs === undefined && (await hasArrivals(target, run))) startedMs = clock.now()
  }
  const sentAt = clock.wallTime()
  try {
    await target.send('PUT', `/faults/${RULE.id}`, RULE)
    // The rule began between these two moments, so that it acted at least from the second to a while after the first.
    const probe = { fromAt: clock.wallTime(), toAt: sentAt + PROBE_MS }
    await clock.sleep(PROBE_MS, signal)
    return probe.toAt > probe.fromAt ? probe : undefined
  } finally {
    // The rule has removed itself, mostly. A target that is gone has none.
    await target.send('DELETE', `/faults/${RULE.id}`).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error
    })
  }
}

async function hasArrivals(target: AuditedTarget, run: string): Promise<boolean> {
  try {
    const { operations } = await readLedger(target.ledger, run)
    return operations.some(({ arrivals }) => arrivals > 0)
  } catch (error) {
    if (error instanceof LedgerUnavailable) return false
    throw error
  }
}
