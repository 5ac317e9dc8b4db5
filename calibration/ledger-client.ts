import type { LedgerReport } from '../contract/ledger.ts'
import type { Clock } from '../core/clock.ts'
import {
  ControlPlane,
  ControlPlaneError,
  type ControlPlaneOptions,
  parseAnswer,
} from '../harness/control/control-plane.ts'

export interface LedgerClientOptions extends ControlPlaneOptions {
  clock: Clock
}

/** The ledger could not be read; the message is a sentence with the next step. */
export class LedgerUnavailable extends Error {}

/** The target closes a row a moment after the client has its last byte; longer than this and something is stuck. */
const SETTLE_WITHIN_MS = 5000
const SETTLE_POLL_MS = 50

/** The ledger of a run as it stands now. @throws LedgerUnavailable */
export async function readLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const { status, text } = await ask(options, `/ledger?run=${encodeURIComponent(run)}`)
  const report =
    status === 200 ? parseAnswer<LedgerReport>(text, ({ format }) => format === 'loadcell.ledger/1') : undefined
  if (report !== undefined) return report
  throw new LedgerUnavailable(`the target keeps no ledger at /_loadcell/ledger (answered ${status})`)
}

/** The ledger of a run once nothing of it is under way any more, or as it stands when waiting no longer helps. */
export async function readSettledLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const deadline = options.clock.now() + SETTLE_WITHIN_MS
  for (;;) {
    const report = await readLedger(options, run)
    const settled = report.open.requests === 0 && report.open.streams === 0 && report.sockets.open === 0
    if (settled || options.clock.now() >= deadline || options.hurry?.aborted) return report
    await options.clock.sleep(SETTLE_POLL_MS, options.hurry)
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
