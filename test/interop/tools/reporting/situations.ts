import { setTimeout as delay } from 'node:timers/promises'
import { readLedger } from '../../../../calibration/ledger-client.ts'
import type { FaultRule } from '../../../../contract/faults/rule.ts'
import { systemClock } from '../../../../core/clock.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from '../../../../cli/target/embedded-target.ts'
import { ControlPlane } from '../../../../harness/control/control-plane.ts'

export const STALL_MS = 2000
/** The run of the request that stops the target. */
const STALL_RUN = 'stall'
const LOOK_EVERY_MS = 100
/** Load before the stall. */
const AFTER_MS = 1000

/** A condition of the target that the load meets. */
export interface Situation {
  name: 'delays' | 'stall'
  /** Length of the load. */
  seconds: number
  rule: FaultRule
  /** Does what the rule alone does not, while the load runs. */
  act?: (target: EmbeddedTarget, signal: AbortSignal) => Promise<void>
}

export const situations: Situation[] = [
  {
    name: 'delays',
    seconds: 3,
    rule: {
      id: 'delays',
      fault: { type: 'delay', distribution: { type: 'lognormal', median: '40ms', p99: '150ms' } },
    },
  },
  {
    name: 'stall',
    seconds: 5,
    rule: {
      id: 'stall',
      match: { operation: 'categories.list' },
      fault: { type: 'stall', duration: `${STALL_MS}ms` },
    },
    act: stall,
  },
]

/** Starts a target in a situation, uses it, and stops it. */
export async function inSituation<T>(
  { rule, act }: Situation,
  settings: Record<string, string>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const target = await startEmbeddedTarget(settings)
  const ended = new AbortController()
  try {
    await new ControlPlane({ targetUrl: target.url }).send('PUT', `/faults/${rule.id}`, rule)
    const acting = act?.(target, ended.signal)
    const result = await use(target.url).finally(() => ended.abort())
    await acting
    return result
  } finally {
    await target.stop()
  }
}

/** Stops the target once in the middle of the load, by the only request that the rule matches. */
async function stall({ url }: EmbeddedTarget, signal: AbortSignal): Promise<void> {
  const ledger = { targetUrl: url, clock: systemClock }
  while ((await readLedger(ledger, 'default')).operations.length === 0) {
    if (signal.aborted) throw new Error('the load ended before the target could stall')
    await delay(LOOK_EVERY_MS)
  }
  await delay(AFTER_MS)
  await fetch(`${url}/api/v1/categories`, { headers: { 'X-Loadcell-Run': STALL_RUN } })
}
