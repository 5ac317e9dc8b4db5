import { request } from 'undici'
import type { LedgerReport } from '../contract/ledger.ts'
import type { Clock } from '../core/clock.ts'

export interface LedgerClientOptions {
  targetUrl: string
  /** Bearer token of the control plane, where one is set. */
  controlToken?: string
  clock: Clock
}

/** The ledger could not be read; the message is a sentence with the next step. */
export class LedgerUnavailable extends Error {}

const ANSWER_WITHIN_MS = 10_000
/** The target closes a row a moment after the client has its last byte; longer than this and something is stuck. */
const SETTLE_WITHIN_MS = 5000
const SETTLE_POLL_MS = 50

/** The ledger of a run as it stands now. @throws LedgerUnavailable */
export async function readLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const url = new URL(`/_loadcell/ledger?run=${encodeURIComponent(run)}`, options.targetUrl)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.controlToken) headers['authorization'] = `Bearer ${options.controlToken}`
  const { status, text } = await get(url, headers)
  if (status === 401 || status === 403) {
    throw new LedgerUnavailable(
      'the target’s control plane is closed to us; set LOADCELL_CONTROL_TOKEN to its control.token',
    )
  }
  const report = status === 200 ? parseLedger(text) : undefined
  if (report === undefined)
    throw new LedgerUnavailable(`the target keeps no ledger at ${url.pathname} (answered ${status})`)
  return report
}

/** The ledger of a run once nothing of it is under way any more, or as it stands when waiting no longer helps. */
export async function readSettledLedger(options: LedgerClientOptions, run: string): Promise<LedgerReport> {
  const deadline = options.clock.now() + SETTLE_WITHIN_MS
  for (;;) {
    const report = await readLedger(options, run)
    const settled = report.open.requests === 0 && report.open.streams === 0 && report.sockets.open === 0
    if (settled || options.clock.now() >= deadline) return report
    await options.clock.sleep(SETTLE_POLL_MS)
  }
}

async function get(url: URL, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  try {
    const answer = await request(url, { headers, headersTimeout: ANSWER_WITHIN_MS, bodyTimeout: ANSWER_WITHIN_MS })
    return { status: answer.statusCode, text: await answer.body.text() }
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new LedgerUnavailable(`the target’s ledger could not be fetched: ${reason}`)
  }
}

function parseLedger(text: string): LedgerReport | undefined {
  try {
    const report = JSON.parse(text) as Partial<LedgerReport>
    return report.format === 'loadcell.ledger/1' ? (report as LedgerReport) : undefined
  } catch {
    return undefined
  }
}
