import type { LedgerRecord, LedgerReport } from '../contract/ledger.ts'
import type { Problem } from '../contract/problem.ts'
import type { Clock } from '../core/clock.ts'
import { concealerOf } from '../harness/client/address/url-credentials.ts'
import { whyNoLedger } from './ledger-check.ts'
import {
  ControlPlane,
  ControlPlaneError,
  type ControlPlaneOptions,
  parseAnswer,
} from '../harness/control/control-plane.ts'
import { MemoryBudget } from '../target/memory/budget.ts'
import { RunLedger } from '../target/ledger/run-ledger.ts'

export interface LedgerClientOptions extends ControlPlaneOptions {
  clock: Clock
}

/** The ledger could not be read. The message is a sentence with the next step. */
export class LedgerUnavailable extends Error {}

/** The target closes a row a moment after the client's last byte. After this time something is stuck. */
const SETTLE_WITHIN_MS = 5000
const SETTLE_POLL_MS = 50

/** Returns the current ledger of a run. @throws LedgerUnavailable */
export async function readLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const { status, text } = await ask(options, `/ledger?run=${encodeURIComponent(run)}`)
  if (status === 404 && parseAnswer<Problem>(text, ({ code }) => code === 'unknown_run') !== undefined) {
    // None of its requests arrived, which is compared with the result as well.
    const boot = (await readBoot(options)) ?? ''
    return new RunLedger(run, 0, 0, options.clock, new MemoryBudget().table('ledger')).report(boot, 0)
  }
  if (status !== 200)
    throw new LedgerUnavailable(`the target keeps no ledger at /_loadcell/ledger (answered ${status})`)
  const answer = parsed(text, options)
  const problem = whyNoLedger(answer, run)
  if (problem !== undefined) throw new LedgerUnavailable(problem)
  return answer as LedgerReport
}

function parsed(text: string, { targetUrl, controlUrl }: ControlPlaneOptions): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A server may repeat the request, credentials and all.
    const excerpt = JSON.stringify(concealerOf([targetUrl, controlUrl])(text.slice(0, 60)))
    throw new LedgerUnavailable(`the response of /_loadcell/ledger is not JSON (${excerpt})`)
  }
}

/** Returns the boot id, which changes with every start of the target; undefined for other servers. */
export async function readBoot(options: LedgerClientOptions): Promise<string | undefined> {
  const { status, text } = await ask(options, '/runs')
  const answer = parseAnswer<{ boot: string }>(text, ({ boot }) => typeof boot === 'string')
  return status === 200 ? answer?.boot : undefined
}

/** Returns the ledger of a run once nothing is under way, or the current one after a time limit. */
export async function readSettledLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const deadline = options.clock.now() + SETTLE_WITHIN_MS
  for (;;) {
    const report = await readLedger(options, run)
    const settled = report.open.requests === 0 && report.open.streams === 0 && report.sockets.open === 0
    if (settled || options.clock.now() >= deadline || options.hurry?.aborted) return report
    await options.clock.sleep(SETTLE_POLL_MS, options.hurry)
  }
}

/**
 * Returns the records of single requests of a run, oldest first.
 * @throws LedgerUnavailable
 */
export async function readRecords(options: LedgerClientOptions, run: string): Promise<LedgerRecord[]> {
  const { status, text } = await ask(options, `/ledger/records?run=${encodeURIComponent(run)}`)
  if (status !== 200) throw new LedgerUnavailable(`the target keeps no records of single requests (answered ${status})`)
  try {
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as LedgerRecord)
  } catch {
    throw new LedgerUnavailable('the target’s records of single requests are not JSON')
  }
}

async function ask(options: LedgerClientOptions, path: string): Promise<{ status: number; text: string }> {
  try {
    return await new ControlPlane(options).ask('GET', path)
  } catch (error) {
    if (error instanceof ControlPlaneError) throw new LedgerUnavailable(error.message)
    throw error
  }
}
