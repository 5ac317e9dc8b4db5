import { setTimeout as delay } from 'node:timers/promises'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { testTarget, type TestTarget } from './support.ts'

type Fault = FaultRule['fault']

/** A target with a rule for each of these faults: a request is affected by those whose names it has in `X-Fault`, as `,a,b,`. */
export function faultyTarget(faults: Record<string, Fault>, flags: Record<string, string> = {}): Promise<TestTarget> {
  const rules = Object.entries(faults).map(([id, fault]) => ({
    id,
    match: { header: { 'x-fault': `*,${id},*` } },
    fault,
  }))
  return testTarget({ ...flags, 'faults.rules': JSON.stringify(rules) })
}

/** The header that injects these faults. */
export function injecting(...ids: string[]): { 'x-fault': string } {
  return { 'x-fault': `,${ids.join(',')},` }
}

/** Waits until the target has this many requests of the default run in progress. */
export async function untilUnderWay(url: string, requests: number): Promise<void> {
  for (;;) {
    const { open } = (await (await fetch(`${url}/_loadcell/ledger`)).json()) as LedgerReport
    if (open.requests === requests) return
    await delay(5)
  }
}
